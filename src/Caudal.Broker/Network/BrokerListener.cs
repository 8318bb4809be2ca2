using System.Collections.Concurrent;
using Caudal.Broker.Metrics;
using Caudal.Broker.Nodes;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker.Network;

/// <summary>Accepts the connections of one listener and serves each on a task of its own.</summary>
internal sealed partial class BrokerListener : IAsyncDisposable
{
    // How long connections may take to end in order when the broker stops, before they are cut.
    private static readonly TimeSpan StopPatience = TimeSpan.FromMilliseconds(300);

    private readonly IConnectionListener _listener;
    private readonly ClusterNode _node;
    private readonly RequestDispatcher _dispatcher;
    private readonly BrokerMeter _meter;
    private readonly ListenerLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<BrokerConnection, Task> _connections = new();
    private readonly ConnectionCounts _byHost = new();
    private readonly ITimer? _idleTimer;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Takes over a listener; <see cref="Start"/> begins to accept.</summary>
    public BrokerListener(
        IConnectionListener listener,
        ClusterNode node,
        RequestDispatcher dispatcher,
        BrokerMeter meter,
        ListenerLimits limits,
        TimeProvider time,
        ILogger logger)
    {
        _listener = listener;
        _node = node;
        _dispatcher = dispatcher;
        _meter = meter;
        _limits = limits;
        _time = time;
        _logger = logger;
        if (limits.MaxIdle <= TimeSpan.Zero)
            return;
        var period = TimeSpan.FromTicks(Math.Max(limits.MaxIdle.Ticks / 4, TimeSpan.TicksPerSecond));
        _idleTimer = time.CreateTimer(static state => ((BrokerListener)state!).CutIdle(), this, period, period);
    }

    /// <summary>How many connections are open.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Begins to accept.</summary>
    public void Start() => _accepting = AcceptAsync();

    /// <summary>Stops accepting, frees the port, lets requests in progress be answered, and cuts what does not end in time.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        if (_idleTimer is not null)
            await _idleTimer.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        var ending = Task.WhenAll(_connections.Values);
        try
        {
            // Wall-clock patience: a stop must end under a test's frozen clock as well.
            await ending.WaitAsync(StopPatience, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (var connection in _connections.Keys)
                connection.Abort();
            await ending.ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false) is { } accepted)
                await AdmitAsync(accepted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The broker stops.
        }
        catch (Exception e)
        {
            Log.AcceptingEnded(_logger, e, _node.Endpoint.Host, _node.Endpoint.Port);
        }
    }

    private async ValueTask AdmitAsync(IFrameConnection accepted)
    {
        if (_connections.Count >= _limits.MaxConnections)
        {
            Log.TooMany(_logger, accepted.RemoteName, _limits.MaxConnections);
            await accepted.DisposeAsync().ConfigureAwait(false);
            return;
        }

        var connection = new BrokerConnection(
            accepted, _node, _dispatcher, _meter, _limits.Responses, _time, _logger, _stopping.Token);
        var most = _limits.ByAddress.For(connection.ClientHost);
        if (!_byHost.TryEnter(connection.ClientHost, most))
        {
            Log.TooManyOfOne(_logger, accepted.RemoteName, most);
            await accepted.DisposeAsync().ConfigureAwait(false);
            connection.Dispose();
            return;
        }

        _meter.Opened();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ended.Task;
        _ = Task.Run(() => RunAsync(connection, ended));
    }

    private async Task RunAsync(BrokerConnection connection, TaskCompletionSource ended)
    {
        await connection.RunAsync().ConfigureAwait(false);
        _connections.TryRemove(connection, out _);
        _byHost.Leave(connection.ClientHost);
        _meter.Closed();
        connection.Dispose();
        ended.SetResult();
    }

    private void CutIdle()
    {
        foreach (var connection in _connections.Keys)
        {
            if (connection.IdleSince is var since && since != 0 && _time.GetElapsedTime(since) >= _limits.MaxIdle)
                connection.Abort();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4011, LogLevel.Warning,
            "The connection from {Remote} was closed at once: {Max} connections are open, as many as max.connections allows.")]
        public static partial void TooMany(ILogger logger, string remote, int max);

        [LoggerMessage(4013, LogLevel.Debug,
            "The connection from {Remote} was closed at once: {Max} are open from there, all that max.connections.per.ip allows.")]
        public static partial void TooManyOfOne(ILogger logger, string remote, int max);

        [LoggerMessage(4012, LogLevel.Error, "No more connections are accepted on {Host}:{Port}; restart the broker.")]
        public static partial void AcceptingEnded(ILogger logger, Exception exception, string host, int port);
    }
}

/// <summary>What a listener allows.</summary>
/// <param name="MaxConnections">How many connections are open at the same time.</param>
/// <param name="ByAddress">How many of them come from one address.</param>
/// <param name="MaxIdle">How long a connection may be silent; zero or less for as long as it likes.</param>
/// <param name="Responses">What bounds the memory of responses that are not read.</param>
internal readonly record struct ListenerLimits(
    int MaxConnections, AddressLimits ByAddress, TimeSpan MaxIdle, UnsentResponses Responses);
