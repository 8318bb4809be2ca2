using Caudal.Broker.Metrics;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker.Network;

/// <summary>
/// Serves the requests of one connection, one at a time and in order, as Kafka does: what a client pipelines waits in the socket. Only
/// those of producers go on while the answers to the last ones wait for the disk (<see cref="LateAnswers"/>).
/// </summary>
/// <remarks>
/// While a handler waits (a fetch for data, a join for other members) the next frame is received already: that is how a client's going away
/// is noticed, and at most one request ahead is held in memory. Bytes that are not Kafka's close the connection; the peer caused it, so it
/// is logged at Debug.
/// </remarks>
internal sealed partial class BrokerConnection : IDisposable
{
    private readonly IFrameConnection _connection;
    private readonly RequestDispatcher _dispatcher;
    private readonly ClusterNode _node;
    private readonly BrokerMeter _meter;
    private readonly UnsentResponses _unsent;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LateAnswers _late;
    private readonly CancellationTokenSource _closed;
    private Task<ReceivedFrame?>? _ahead;
    private string _clientId = "";

    /// <summary>Takes over a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="node">The node that the client reached.</param>
    /// <param name="dispatcher">Finds the handlers.</param>
    /// <param name="meter">Where requests are measured.</param>
    /// <param name="unsent">Bounds the memory of responses that are not read.</param>
    /// <param name="time">The clock for idleness.</param>
    /// <param name="logger">The connection's log.</param>
    /// <param name="stopping">Cancelled when the broker stops.</param>
    public BrokerConnection(
        IFrameConnection connection,
        ClusterNode node,
        RequestDispatcher dispatcher,
        BrokerMeter meter,
        UnsentResponses unsent,
        TimeProvider time,
        ILogger logger,
        CancellationToken stopping)
    {
        _connection = connection;
        _node = node;
        _dispatcher = dispatcher;
        _meter = meter;
        _unsent = unsent;
        _time = time;
        _logger = logger;
        ClientHost = HostOf(connection.RemoteName);
        _closed = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _late = new LateAnswers(TryAnswerAsync, EndAfterLate);
        IdleSince = time.GetTimestamp();
    }

    /// <summary>Where the client is: a slash and the address, without the port.</summary>
    public string ClientHost { get; }

    /// <summary>Since when nothing but the client is waited for, as a timestamp of the clock; 0 while a handler has its request.</summary>
    public long IdleSince { get; private set; }

    /// <summary>Serves until the client goes, misbehaves, or the broker stops. Never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await ReceiveAsync().ConfigureAwait(false) is { } frame)
            {
                if (!await ServeAsync(frame).ConfigureAwait(false))
                    break;
            }
        }
        catch (Exception e)
        {
            Note(e);
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Cuts the connection; <see cref="RunAsync"/> ends.</summary>
    public void Abort() => _connection.Abort();

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed.Dispose();
        _late.Dispose();
    }

    private async ValueTask<ReceivedFrame?> ReceiveAsync()
    {
        if (_ahead is not { } ahead)
            return await _connection.ReceiveAsync(_closed.Token).ConfigureAwait(false);
        _ahead = null;
        return await ahead.ConfigureAwait(false);
    }

    // RunAsync waits for the late answers before it lets go of the source.
    private void EndAfterLate() => _ = _closed.CancelAsync();

    private void Note(Exception exception)
    {
        switch (exception)
        {
            case OperationCanceledException:
                // The broker stops, or the client went while its request was waiting.
                break;
            case ConnectionException:
                Log.Broken(_logger, _connection.RemoteName, exception.Message);
                break;
            case ProtocolException or UnsupportedVersionException:
                Log.Refused(_logger, _connection.RemoteName, exception.Message);
                break;
            default:
                Log.Failed(_logger, exception, _connection.RemoteName);
                break;
        }
    }

    private void ReceiveAhead()
    {
        var receiving = _connection.ReceiveAsync(_closed.Token);
        _ahead = receiving.AsTask();
        _ = CancelWhenGoneAsync(_ahead, _closed);

        static async Task CancelWhenGoneAsync(Task<ReceivedFrame?> receiving, CancellationTokenSource closed)
        {
            try
            {
                if (await receiving.ConfigureAwait(false) is not null)
                    return;
            }
            catch (Exception e) when (e is KafkaException or OperationCanceledException)
            {
                // RunAsync sees the same failure when it takes the frame; here it only ends the waiting.
            }

            try
            {
                await closed.CancelAsync().ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                // The connection was closed for another reason meanwhile.
            }
        }
    }

    private async ValueTask CloseAsync()
    {
        try
        {
            await _closed.CancelAsync().ConfigureAwait(false);
            await _late.WaitForAsync(0).ConfigureAwait(false);
            await _connection.DisposeAsync().ConfigureAwait(false);
            if (_ahead is { } ahead)
                (await ahead.ConfigureAwait(false))?.Dispose();
        }
        catch (Exception e) when (e is KafkaException or OperationCanceledException)
        {
            // What was received ahead failed: the connection is closed anyway.
        }
    }

    private static string HostOf(string remoteName)
    {
        var colon = remoteName.LastIndexOf(':');
        return "/" + (colon < 0 ? remoteName : remoteName[..colon]).Trim('[', ']');
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Debug, "The connection from {Remote} ended: {Reason}")]
        public static partial void Broken(ILogger logger, string remote, string reason);

        [LoggerMessage(4002, LogLevel.Debug, "The connection from {Remote} was closed because of what it sent: {Reason}")]
        public static partial void Refused(ILogger logger, string remote, string reason);

        [LoggerMessage(4003, LogLevel.Error, "A request from {Remote} failed unexpectedly; its connection was closed.")]
        public static partial void Failed(ILogger logger, Exception exception, string remote);
    }
}

/// <summary>The address under which clients reach a listener: what answers name the broker by.</summary>
internal readonly record struct ConnectionEndpoint(string Host, int Port);
