using Caudal.Protocol;

namespace Caudal.Client.Connections;

/// <summary>The place of one connection to one broker: connects on demand, once for all who ask, and waits between failures.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class ConnectionSlot(BrokerAddress broker, KafkaClientOptions options, CancellationToken closed)
{
    private readonly ExponentialBackoff _backoff = new(options.ReconnectBackoff, options.ReconnectBackoffMax);

    // Guards the following.
    private readonly Lock _lock = new();
    private BrokerConnection? _current;
    private Task<BrokerConnection>? _connecting;
    private int _failures;
    private long _lastFailure;

    /// <summary>The open connection, or null.</summary>
    public BrokerConnection? Current => Volatile.Read(ref _current) is { IsOpen: true } connection ? connection : null;

    /// <summary>How many attempts to connect failed in a row.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Hands out the open connection, or connects. Cancelling gives up waiting, not connecting.</summary>
    /// <exception cref="KafkaException">The attempt failed; the next call waits before it tries again.</exception>
    /// <exception cref="ClientClosedException">The client is closed.</exception>
    public ValueTask<BrokerConnection> GetAsync(CancellationToken cancellationToken)
    {
        if (Current is { } open)
            return ValueTask.FromResult(open);
        Task<BrokerConnection> connecting;
        lock (_lock)
        {
            if (Current is { } opened)
                return ValueTask.FromResult(opened);
            if (_connecting is null or { IsCompleted: true })
                _connecting = ConnectAsync();
            connecting = _connecting;
        }

        return new ValueTask<BrokerConnection>(connecting.WaitAsync(cancellationToken));
    }

    /// <summary>Takes a connection over that was opened to the same place under another name.</summary>
    public void Adopt(BrokerConnection connection)
    {
        lock (_lock)
            _current ??= connection;
    }

    /// <summary>Gives the connection away: it is not closed with this slot.</summary>
    public BrokerConnection? Release()
    {
        lock (_lock)
        {
            var connection = Current;
            _current = null;
            return connection;
        }
    }

    /// <summary>Cuts the connection, if there is one.</summary>
    public void Abort(Exception reason) => Volatile.Read(ref _current)?.Abort(reason);

    private async Task<BrokerConnection> ConnectAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (_failures > 0)
                await WaitOutBackoffAsync().ConfigureAwait(false);
            var connection = await BrokerConnection.OpenAsync(broker, options, closed).ConfigureAwait(false);
            lock (_lock)
            {
                _current = connection;
                _failures = 0;
            }

            if (closed.IsCancellationRequested)
                connection.Abort(Closed());
            return connection;
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            throw Closed();
        }
        catch (Exception)
        {
            lock (_lock)
            {
                _failures++;
                _lastFailure = options.TimeProvider.GetTimestamp();
            }

            throw;
        }
    }

    private async ValueTask WaitOutBackoffAsync()
    {
        var wait = _backoff.After(_failures) - options.TimeProvider.GetElapsedTime(_lastFailure);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, options.TimeProvider, closed).ConfigureAwait(false);
    }

    private ClientClosedException Closed() => new($"The client was closed while it connected to {broker}.");
}
