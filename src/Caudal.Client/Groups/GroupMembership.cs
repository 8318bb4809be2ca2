using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Groups;

/// <summary>One member of a classic group: joins, is assigned, beats, gives up, and joins again, in a loop of its own.</summary>
/// <remarks>
/// The eager protocol: 1. join, giving the subscription; 2. the leader assigns; 3. sync, receiving the assignment; 4. beat until the
/// generation ends; 5. give everything up; again from 1. The loop never waits for the user but in 5, for at most
/// <c>max.poll.interval.ms</c>. The cooperative protocol (KIP-429) gives up nothing in 5: it tells the leader what it has, gives up after 3
/// what it was not assigned again, and joins once more so that others get it.
/// </remarks>
internal sealed partial class GroupMembership(KafkaClient client, ConsumerOptions options, IGroupUser user)
{
    private readonly GroupCoordinator _coordinator = new(client, options.GroupId!);
    private readonly GroupLeader _leader = new(client, options);
    private readonly ExponentialBackoff _backoff = new(client.Options.RetryBackoff, client.Options.RetryBackoffMax);
    private readonly ILogger _logger = client.Options.LoggerFactory.CreateLogger<GroupMembership>();
    private MemberIdentity _identity = new("", -1, options.GroupInstanceId);
    private IReadOnlyList<TopicPartition> _previous = [];
    private int _previousGeneration = -1;
    private readonly bool _isCooperative = options.Assignors.All(a => a.RebalanceProtocol == GroupRebalanceProtocol.Cooperative);
    private IReadOnlyList<TopicPartition> _owned = [];
    private bool _isExpelled;
    private Heartbeats? _beats;
    private IReadOnlyList<string> _joinedTopics = [];

    private sealed record Generation(IReadOnlyList<TopicPartition> Partitions, bool IsLeader);

    /// <summary>Who this member is now, for commits.</summary>
    public MemberIdentity Identity => Volatile.Read(ref _identity);

    /// <summary>Joins again if the subscription is not what the group knows.</summary>
    public void SubscriptionChanged()
    {
        if (!_joinedTopics.SequenceEqual(user.Topics, StringComparer.Ordinal))
            Volatile.Read(ref _beats)?.End(GenerationEnd.Rebalance);
    }

    /// <summary>Joins again whatever the group knows: another pattern may match other topics.</summary>
    public void SubscriptionReplaced() => Volatile.Read(ref _beats)?.End(GenerationEnd.Rebalance);

    /// <summary>A commit was refused because the group has moved on.</summary>
    public void NoticeLost(MemberIdentity member)
    {
        if (member == Identity)
            Volatile.Read(ref _beats)?.End(GenerationEnd.Lost);
    }

    /// <summary>Runs until cancelled or until an error ends the membership for good.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_isExpelled)
                    await LoseAsync(cancellationToken).ConfigureAwait(false);
                await user.ResolveTopicsAsync(cancellationToken).ConfigureAwait(false);
                if (await JoinAsync(cancellationToken).ConfigureAwait(false) is { } generation)
                {
                    failures = 0;
                    await LiveAsync(generation, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                failures++;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (KafkaException e) when (e.IsRetriable)
            {
                failures++;
                Log.JoinFailed(_logger, options.GroupId!, e.Message);
            }
            catch (Exception e)
            {
                user.Fail(e);
                return;
            }

            try
            {
                await Task.Delay(_backoff.After(failures), client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Says goodbye, so that the group does not wait for the session timeout. Static members stay unless told to leave: they are expected
    /// back (KIP-345).
    /// </summary>
    public async ValueTask LeaveAsync(string reason, GroupLeave leave, CancellationToken cancellationToken)
    {
        var member = Identity;
        if (member.MemberId.Length == 0 || leave == GroupLeave.Remain || (leave == GroupLeave.Default && member.InstanceId is not null))
            return;
        try
        {
            var version = await _coordinator.VersionAsync<LeaveGroupRequest, LeaveGroupResponse>(cancellationToken).ConfigureAwait(false);
            var request = version < 3
                ? new LeaveGroupRequest { GroupId = options.GroupId!, MemberId = member.MemberId }
                : new LeaveGroupRequest
                {
                    GroupId = options.GroupId!,
                    Members =
                    [
                        new LeaveGroupRequest.MemberIdentity
                        {
                            MemberId = member.MemberId,
                            GroupInstanceId = member.InstanceId,
                            Reason = reason,
                        },
                    ],
                };
            await _coordinator.SendAsync<LeaveGroupRequest, LeaveGroupResponse>(request, client.Options.RequestTimeout, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (KafkaException e)
        {
            // The session timeout does it then.
            Log.LeaveFailed(_logger, options.GroupId!, e.Message);
        }
        finally
        {
            Volatile.Write(ref _identity, member with { MemberId = "", Generation = -1 });
        }
    }

    /// <summary>Cuts the connection to the coordinator.</summary>
    public void Abort() => _coordinator.Abort();

    private async ValueTask LiveAsync(Generation generation, CancellationToken cancellationToken)
    {
        var beats = new Heartbeats(_coordinator, client, options, Identity, user);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var beating = beats.RunAsync(stop.Token);
        Volatile.Write(ref _beats, beats);
        try
        {
            await TakeOverAsync(generation.Partitions, beats, cancellationToken).ConfigureAwait(false);
            SubscriptionChanged();
            await GiveUpAsync(await EndAsync(generation, beats, cancellationToken).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _beats, null);
            await stop.CancelAsync().ConfigureAwait(false);
            await beating.ConfigureAwait(false);
        }
    }

    private async ValueTask TakeOverAsync(IReadOnlyList<TopicPartition> assigned, Heartbeats beats, CancellationToken cancellationToken)
    {
        var added = assigned.Except(_owned).ToArray();
        var revoked = _owned.Except(assigned).ToArray();
        if (revoked.Length > 0 && !await user.RevokeAsync(revoked, cancellationToken).ConfigureAwait(false))
        {
            _owned = [];
            beats.End(GenerationEnd.PollOverdue);
            return;
        }

        if (_isCooperative)
            _owned = assigned;
        if (added.Length > 0 || !_isCooperative)
            await user.AssignAsync(added, cancellationToken).ConfigureAwait(false);
        // What was given up waits for its new owner: the group has to assign once more.
        if (revoked.Length > 0)
            beats.End(GenerationEnd.Rebalance);
    }

    private ValueTask LoseAsync(CancellationToken cancellationToken)
    {
        var hadAny = !_isCooperative || _owned.Count > 0;
        _owned = [];
        _isExpelled = false;
        return hadAny ? user.LoseAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    private async ValueTask<GenerationEnd> EndAsync(Generation generation, Heartbeats beats, CancellationToken cancellationToken)
    {
        if (!generation.IsLeader)
            return await beats.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = _leader.WatchAsync(() => beats.End(GenerationEnd.Rebalance), stop.Token);
        try
        {
            return await beats.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
    }

    private async ValueTask GiveUpAsync(GenerationEnd end, CancellationToken cancellationToken)
    {
        Log.Ended(_logger, options.GroupId!, Identity.Generation, end);
        switch (end)
        {
            case GenerationEnd.Rebalance when _isCooperative:
                break;
            case GenerationEnd.Rebalance:
                if (!await user.RevokeAsync(null, cancellationToken).ConfigureAwait(false))
                    await LeaveUntilAskedAsync(cancellationToken).ConfigureAwait(false);
                break;
            case GenerationEnd.PollOverdue:
                await LoseAsync(cancellationToken).ConfigureAwait(false);
                await LeaveUntilAskedAsync(cancellationToken).ConfigureAwait(false);
                break;
            case GenerationEnd.Fenced:
                await LoseAsync(cancellationToken).ConfigureAwait(false);
                throw Refused(ErrorCode.FencedInstanceId);
            default:
                await LoseAsync(cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async ValueTask LeaveUntilAskedAsync(CancellationToken cancellationToken)
    {
        await LeaveAsync("processing took longer than max.poll.interval.ms", GroupLeave.Default, cancellationToken).ConfigureAwait(false);
        await user.WaitUntilAskedAsync(cancellationToken).ConfigureAwait(false);
    }

    private BrokerErrorException Refused(ErrorCode error) =>
        new(error, $"Group '{options.GroupId}' does not take this consumer as a member");

    private static partial class Log
    {
        [LoggerMessage(1411, LogLevel.Information, "Joining group {Group} failed: {Reason}; trying again")]
        public static partial void JoinFailed(ILogger logger, string group, string reason);

        [LoggerMessage(1412, LogLevel.Debug, "Leaving group {Group} failed: {Reason}")]
        public static partial void LeaveFailed(ILogger logger, string group, string reason);

        [LoggerMessage(1413, LogLevel.Debug, "Generation {Generation} of group {Group} ended: {Why}")]
        public static partial void Ended(ILogger logger, string group, int generation, GenerationEnd why);

        [LoggerMessage(1414, LogLevel.Information, "Joined group {Group} as {MemberId}, generation {Generation}, with {Count} partitions")]
        public static partial void Joined(ILogger logger, string group, string memberId, int generation, int count);
    }
}
