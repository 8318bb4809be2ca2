using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Consuming;

/// <summary>What a fetch loop is doing.</summary>
internal enum FetcherState
{
    /// <summary>It waits until there is something to fetch.</summary>
    Idle,

    /// <summary>It was told that there is, and has not looked yet.</summary>
    Woken,

    /// <summary>It has a request under way, or waits for its turn at the link.</summary>
    Busy,
}

/// <summary>Fetches from one broker for as long as its session lives: one request at a time, ahead of the user.</summary>
internal sealed partial class BrokerFetcher(ConsumerSession session, KafkaClient client, FetchLink link, int nodeId, int lane)
{
    private readonly ILogger _logger = client.Options.LoggerFactory.CreateLogger<BrokerFetcher>();

    public int NodeId => nodeId;

    /// <summary>Which of the broker's links it uses.</summary>
    public int Lane => lane;

    /// <summary>Set when there may be something to fetch again.</summary>
    public AsyncSignal Wake { get; } = new();

    /// <summary>What the loop is doing. Guarded by the session's lock, as the next three.</summary>
    public FetcherState State { get; set; }

    /// <summary>The bytes from this broker that wait to be taken.</summary>
    public long BufferedBytes { get; set; }

    /// <summary>Which partition comes first in the next request, so that each has its turn.</summary>
    public int Turn { get; set; }

    /// <summary>What is under way.</summary>
    public FetchPlan? Plan { get; set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (!await TryFetchAsync(cancellationToken).ConfigureAwait(false))
                    await Wake.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The session ended.
        }
        catch (ClientClosedException) when (cancellationToken.IsCancellationRequested)
        {
            // The consumer was closed.
        }
        catch (Exception e)
        {
            session.Fail(e);
        }
    }

    // False if there is nothing to fetch.
    private async ValueTask<bool> TryFetchAsync(CancellationToken cancellationToken)
    {
        if (!link.TryEnter())
        {
            // A fetch of the last assignment is still under way.
            session.NoteBusy(this);
            await link.EnterAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            if (session.PlanFor(this) is not { } plan)
                return false;
            await link.FetchAsync(plan, (response, frame) => Take(plan, response, frame)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionException or KafkaTimeoutException or ProtocolException)
        {
            if (!cancellationToken.IsCancellationRequested)
                Log.Failed(_logger, nodeId, e.Message);
            session.LeaderFailed(this);
        }
        finally
        {
            link.Exit();
        }

        return true;
    }

    private void Take(FetchPlan plan, FetchResponse response, ReceivedFrame frame)
    {
        foreach (var topic in response.Responses)
        {
            foreach (var partition in topic.Partitions)
            {
                if (plan.TryFind(topic, partition.PartitionIndex, out var entry))
                    session.Accept(this, entry, partition, frame, response.NodeEndpoints);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1301, LogLevel.Debug, "Fetching from broker {NodeId} failed: {Reason}")]
        public static partial void Failed(ILogger logger, int nodeId, string reason);
    }
}
