using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Caudal.Transport;

/// <summary>
/// A network inside the process: listeners by host and port, and a connector that reaches them and nothing else. Thread safe.
/// </summary>
public sealed class InMemoryNetwork : IConnector
{
    private readonly ConcurrentDictionary<(string Host, int Port), Listener> _listeners = new();
    private int _lastPort = 9091;

    /// <summary>Listens under a name. Nothing is bound on the machine.</summary>
    /// <param name="host">Any name.</param>
    /// <param name="port">Any number; 0 chooses one that is free in this network.</param>
    /// <exception cref="ConnectionException">Somebody listens there already.</exception>
    public IConnectionListener Listen(string host, int port = 0)
    {
        var listener = new Listener(this, host, port == 0 ? Interlocked.Increment(ref _lastPort) : port);
        return _listeners.TryAdd((host, listener.Port), listener)
            ? listener
            : throw new ConnectionException($"Cannot listen on {host}:{port}: somebody listens there already in this network.");
    }

    /// <inheritdoc/>
    public ValueTask<IFrameConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_listeners.TryGetValue((host, port), out var listener))
        {
            var (client, server) = InMemoryConnection.CreatePair($"{host}:{port}");
            if (listener.Incoming.Writer.TryWrite(server))
                return ValueTask.FromResult<IFrameConnection>(client);
        }

        throw new ConnectionException($"Cannot connect to {host}:{port}: nobody listens there in this process.");
    }

    private sealed class Listener(InMemoryNetwork network, string host, int port) : IConnectionListener
    {
        public Channel<IFrameConnection> Incoming { get; } = Channel.CreateUnbounded<IFrameConnection>();

        public string Host => host;

        public int Port => port;

        public async ValueTask<IFrameConnection?> AcceptAsync(CancellationToken cancellationToken)
        {
            while (await Incoming.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (Incoming.Reader.TryRead(out var connection))
                    return connection;
            }

            return null;
        }

        public ValueTask DisposeAsync()
        {
            // Only this one: somebody else may listen there by now.
            network._listeners.TryRemove(new KeyValuePair<(string Host, int Port), Listener>((host, port), this));
            Incoming.Writer.TryComplete();
            // Whoever connected and was not accepted would wait for an answer for ever.
            while (Incoming.Reader.TryRead(out var connection))
                connection.Abort();
            return ValueTask.CompletedTask;
        }
    }
}
