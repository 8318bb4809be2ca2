using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Consuming;

/// <summary>
/// Fetches from one broker, over a connection of its own, for as long as its session lives: one request at a time, ahead of the user.
/// </summary>
internal sealed partial class BrokerFetcher(ConsumerSession session, KafkaClient client, ConsumerOptions options, int nodeId)
{
    // Version 13 names topics by id.
    private const short LastVersionWithNames = 12;

    private readonly ILogger _logger = client.Options.LoggerFactory.CreateLogger<BrokerFetcher>();
    private BrokerAddress? _address;
    private ConnectionSlot? _slot;

    public int NodeId => nodeId;

    /// <summary>Set when there may be something to fetch again.</summary>
    public AsyncSignal Wake { get; } = new();

    /// <summary>Whether the loop waits for <see cref="Wake"/>. Guarded by the session's lock, as the next two.</summary>
    public bool IsIdle { get; set; }

    /// <summary>The bytes from this broker that wait to be taken.</summary>
    public long BufferedBytes { get; set; }

    /// <summary>Which partition comes first in the next request, so that each has its turn.</summary>
    public int Turn { get; set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (session.Plan(this) is { } plan)
                    await FetchAsync(plan, cancellationToken).ConfigureAwait(false);
                else
                    await Wake.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The session ended.
        }
        catch (Exception e)
        {
            session.Fail(e);
        }
        finally
        {
            _slot?.Abort(new ClientClosedException("The consumer's session ended."));
        }
    }

    private async ValueTask FetchAsync(FetchPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            var version = connection.Versions.Choose<FetchRequest, FetchResponse>(plan.HasAllIds ? short.MaxValue : LastVersionWithNames);
            var pending = await connection.BeginAsync<FetchRequest, FetchResponse>(
                plan.ToRequest(options), version, cancellationToken, options.FetchMaxWait + client.Options.RequestTimeout)
                    .ConfigureAwait(false);
            using var raw = await pending.ResponseAsync(cancellationToken).ConfigureAwait(false);
            Take(plan, raw);
        }
        catch (Exception e) when (e is ConnectionException or KafkaTimeoutException or ProtocolException)
        {
            Log.Failed(_logger, nodeId, e.Message);
            session.LeaderFailed(this);
        }
    }

    private void Take(FetchPlan plan, RawResponse raw)
    {
        var reader = raw.OpenBody();
        var response = FetchResponse.Read(ref reader, raw.Version);
        var error = (ErrorCode)response.ErrorCode;
        if (error != ErrorCode.None)
            throw new ConnectionException($"Broker {nodeId} refused to fetch: {error.KafkaName()}. {error.Info().Meaning}");
        foreach (var topic in response.Responses)
        {
            foreach (var partition in topic.Partitions)
            {
                if (plan.TryFind(topic, partition.PartitionIndex, out var entry))
                    session.Accept(this, entry, partition, raw.Frame);
            }
        }
    }

    private ValueTask<BrokerConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (!client.Pool.TryGet(nodeId, out var node))
            throw new ConnectionException($"Broker {nodeId} is not known any more.");
        if (_slot is null || !node.Address.IsSamePlace(_address!))
        {
            _slot?.Abort(new ConnectionException($"Broker {nodeId} moved to {node.Address}."));
            _address = node.Address;
            _slot = new ConnectionSlot(node.Address, client.Options, client.Closed);
        }

        return _slot.GetAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1301, LogLevel.Debug, "Fetching from broker {NodeId} failed: {Reason}")]
        public static partial void Failed(ILogger logger, int nodeId, string reason);
    }
}
