using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Groups;

/// <summary>Why a generation of a group ended for this member.</summary>
internal enum GenerationEnd
{
    /// <summary>The group is being rebalanced: partitions are still this member's until it joins again.</summary>
    Rebalance,

    /// <summary>The member was put out of the group, or could not reach it for too long.</summary>
    Lost,

    /// <summary>The user took too long between two calls.</summary>
    PollOverdue,

    /// <summary>Another member took over this one's instance id.</summary>
    Fenced,
}

/// <summary>
/// Tells the coordinator that the member lives, and learns from the answers when the generation ends. Goes on while partitions are given
/// up.
/// </summary>
internal sealed partial class Heartbeats(
    GroupCoordinator coordinator, KafkaClient client, ConsumerOptions options, MemberIdentity member, IPollClock polls)
{
    private readonly TaskCompletionSource<GenerationEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _logger = client.Options.LoggerFactory.CreateLogger<Heartbeats>();

    /// <summary>Completes when the generation ends.</summary>
    public Task<GenerationEnd> Ended => _ended.Task;

    /// <summary>Ends the generation from this side, e.g. because the subscription changed.</summary>
    public void End(GenerationEnd why) => _ended.TrySetResult(why);

    /// <summary>Beats until it is stopped, or there is nothing to beat for any more.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var clock = client.Options.TimeProvider;
        var lastSuccess = clock.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(NextWait(), clock, cancellationToken).ConfigureAwait(false);
                if (polls.RemainingPollTime() <= TimeSpan.Zero)
                {
                    Log.PollOverdue(_logger, options.GroupId!, options.MaxPollInterval.TotalMilliseconds);
                    End(GenerationEnd.PollOverdue);
                    return;
                }

                var error = await BeatAsync(cancellationToken).ConfigureAwait(false);
                if (error is ErrorCode.None or ErrorCode.RebalanceInProgress)
                    lastSuccess = clock.GetTimestamp();
                if (Handle(error))
                    return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (KafkaException e)
            {
                Log.Failed(_logger, options.GroupId!, e.Message);
                if (!e.IsRetriable)
                    End(GenerationEnd.Lost);
            }

            if (clock.GetElapsedTime(lastSuccess) <= options.SessionTimeout)
                continue;
            Log.SessionExpired(_logger, options.GroupId!, options.SessionTimeout.TotalMilliseconds);
            End(GenerationEnd.Lost);
            return;
        }
    }

    private TimeSpan NextWait()
    {
        var left = polls.RemainingPollTime();
        var wait = left < options.HeartbeatInterval ? left : options.HeartbeatInterval;
        return wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1);
    }

    private async ValueTask<ErrorCode> BeatAsync(CancellationToken cancellationToken)
    {
        var request = new HeartbeatRequest
        {
            GroupId = options.GroupId!,
            GenerationId = member.Generation,
            MemberId = member.MemberId,
            GroupInstanceId = member.InstanceId,
        };
        var response = await coordinator.SendAsync<HeartbeatRequest, HeartbeatResponse>(
            request, client.Options.RequestTimeout, cancellationToken).ConfigureAwait(false);
        return (ErrorCode)response.ErrorCode;
    }

    // True if there is nothing to beat for any more.
    private bool Handle(ErrorCode error)
    {
        switch (error)
        {
            case ErrorCode.None:
                return false;
            case ErrorCode.RebalanceInProgress:
                End(GenerationEnd.Rebalance);
                return false;
            case ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable:
                coordinator.Forget();
                return false;
            case ErrorCode.FencedInstanceId:
                End(GenerationEnd.Fenced);
                return true;
            case ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId:
                Log.Expelled(_logger, options.GroupId!, error.KafkaName());
                End(GenerationEnd.Lost);
                return true;
            default:
                Log.Failed(_logger, options.GroupId!, error.KafkaName());
                return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1401, LogLevel.Debug, "A heartbeat to group {Group} failed: {Reason}")]
        public static partial void Failed(ILogger logger, string group, string reason);

        [LoggerMessage(1402, LogLevel.Warning, "The consumer was put out of group {Group} ({Reason}); it joins again")]
        public static partial void Expelled(ILogger logger, string group, string reason);

        [LoggerMessage(1403, LogLevel.Warning,
            "Group {Group} could not be reached for {Milliseconds} ms (session.timeout.ms); its partitions are given up")]
        public static partial void SessionExpired(ILogger logger, string group, double milliseconds);

        [LoggerMessage(1404, LogLevel.Warning,
            "Processing took longer than {Milliseconds} ms (max.poll.interval.ms): the consumer leaves group {Group} until it asks for " +
            "records again. Raise the limit, or process less at a time")]
        public static partial void PollOverdue(ILogger logger, string group, double milliseconds);
    }
}
