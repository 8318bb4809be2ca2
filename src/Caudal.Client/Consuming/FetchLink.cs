using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Client.Consuming;

/// <summary>
/// A connection for fetching from one broker, with its fetch session. It belongs to the consumer and outlives assignments: a rebalance
/// neither reconnects nor starts a new session.
/// </summary>
/// <remarks>Whoever fetches takes a turn; a response is always read to its end, so that both sides agree on the session.</remarks>
internal sealed class FetchLink(KafkaClient client, ConsumerOptions options, int nodeId) : IDisposable
{
    // Version 13 names topics by id.
    private const short LastVersionWithNames = 12;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly FetchSession _session = new();
    private BrokerAddress? _address;
    private ConnectionSlot? _slot;
    private readonly CancellationTokenSource _aborted = CancellationTokenSource.CreateLinkedTokenSource(client.Closed);
    private volatile bool _closed;
    private long _throttledUntil;

    /// <summary>Takes the turn if nobody has it.</summary>
    public bool TryEnter() => _turn.Wait(0, CancellationToken.None);

    /// <summary>Waits for the turn.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) => _turn.WaitAsync(cancellationToken);

    /// <summary>Gives the turn back.</summary>
    public void Exit() => _turn.Release();

    /// <summary>Fetches once; the caller has the turn.</summary>
    /// <param name="plan">What to fetch.</param>
    /// <param name="take">Takes the response, whose frame is given back afterwards.</param>
    /// <exception cref="ConnectionException">The broker could not be asked, or refused the whole request.</exception>
    public async ValueTask FetchAsync(FetchPlan plan, Action<FetchResponse, ReceivedFrame> take)
    {
        var answered = false;
        try
        {
            await WaitOutThrottleAsync().ConfigureAwait(false);
            var connection = await ConnectAsync().ConfigureAwait(false);
            var version = connection.Versions.Choose<FetchRequest, FetchResponse>(plan.HasAllIds ? short.MaxValue : LastVersionWithNames);
            var pending = await connection.BeginAsync<FetchRequest, FetchResponse>(
                _session.Next(plan, options), version, client.Closed, options.FetchMaxWait + client.Options.RequestTimeout)
                .ConfigureAwait(false);
            using var raw = await pending.ResponseAsync(client.Closed).ConfigureAwait(false);
            var reader = raw.OpenBody();
            var response = FetchResponse.Read(ref reader, raw.Version);
            answered = _session.Accept(response);
            if (response.ThrottleTimeMs > 0)
                _throttledUntil = client.Options.TimeProvider.GetTimestamp() + Ticks(response.ThrottleTimeMs);
            var error = (ErrorCode)response.ErrorCode;
            if (!answered)
                return;
            if (error != ErrorCode.None)
                throw new ConnectionException($"Broker {nodeId} refused to fetch: {error.KafkaName()}. {error.Info().Meaning}");
            take(response, raw.Frame);
        }
        catch (OperationCanceledException) when (_aborted.IsCancellationRequested)
        {
            var closed = new ClientClosedException("The consumer or its client was closed.");
            Abort(closed);
            throw closed;
        }
        finally
        {
            if (!answered)
                _session.Restart();
        }
    }

    /// <summary>Cuts the connection, and connects no more.</summary>
    public void Abort(Exception reason)
    {
        _closed = true;
        _aborted.Cancel();
        _slot?.Abort(reason);
    }

    public void Dispose()
    {
        _turn.Dispose();
        _aborted.Dispose();
    }

    // KIP-219: the broker answers at once and tells how long it will not listen; asking meanwhile would only run into timeouts.
    private async ValueTask WaitOutThrottleAsync()
    {
        var clock = client.Options.TimeProvider;
        var now = clock.GetTimestamp();
        if (_throttledUntil > now)
            await Task.Delay(clock.GetElapsedTime(now, _throttledUntil), clock, _aborted.Token).ConfigureAwait(false);
        _throttledUntil = 0;
    }

    private long Ticks(int milliseconds) => (long)(milliseconds / 1_000.0 * client.Options.TimeProvider.TimestampFrequency);


    private async ValueTask<BrokerConnection> ConnectAsync()
    {
        if (!client.Pool.TryGet(nodeId, out var node))
            throw new ConnectionException($"Broker {nodeId} is not known any more.");
        if (_slot is null || !node.Address.IsSamePlace(_address!))
        {
            _slot?.Abort(new ConnectionException($"Broker {nodeId} moved to {node.Address}."));
            _address = node.Address;
            _slot = new ConnectionSlot(node.Address, client.Options, client.Closed);
        }

        var connection = await _slot.GetAsync(client.Closed).ConfigureAwait(false);
        if (_closed)
        {
            var closed = new ClientClosedException("The consumer is closed.");
            connection.Abort(closed);
            throw closed;
        }

        return connection;
    }
}
