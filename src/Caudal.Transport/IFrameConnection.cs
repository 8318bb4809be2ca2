using Caudal.Protocol;

namespace Caudal.Transport;

/// <summary>One end of a connection that carries whole frames: a four-byte size and as many bytes.</summary>
/// <remarks>
/// One receiver and one sender may be active at the same time, each from any thread. <see cref="IAsyncDisposable.DisposeAsync"/> closes in
/// order.
/// </remarks>
public interface IFrameConnection : IAsyncDisposable
{
    /// <summary>Where the other end is, for logs and errors, e.g. <c>127.0.0.1:9092</c>.</summary>
    string RemoteName { get; }

    /// <summary>Waits for the next frame.</summary>
    /// <returns>The frame, to be disposed by the caller; null when the peer closed the connection between two frames.</returns>
    /// <exception cref="ConnectionException">The connection broke, or the peer closed it inside a frame.</exception>
    /// <exception cref="ProtocolException">The announced size is negative or above the limit: close the connection.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the connection cannot be used any more.</exception>
    ValueTask<ReceivedFrame?> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Sends a complete frame (<see cref="FrameBuffer.EndFrame"/> was called). The frame may be reused once the task has completed.
    /// </summary>
    /// <exception cref="ConnectionException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the connection cannot be used any more.</exception>
    ValueTask SendAsync(FrameBuffer frame, CancellationToken cancellationToken);

    /// <summary>
    /// Cuts the connection at once: what waits on either end fails. May be called at any time, more than once, from any thread.
    /// </summary>
    void Abort();
}

/// <summary>Makes connections: the seam between the client and sockets, TLS, or a broker in the same process.</summary>
public interface IConnector
{
    /// <summary>Connects to a broker; every address of a name is tried.</summary>
    /// <exception cref="ConnectionException">No address could be reached; the message says what was tried.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    ValueTask<IFrameConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken);
}

/// <summary>Accepts connections.</summary>
public interface IConnectionListener : IAsyncDisposable
{
    /// <summary>The host name or address under which it can be reached.</summary>
    string Host { get; }

    /// <summary>The port, chosen by the system when 0 was asked for.</summary>
    int Port { get; }

    /// <summary>Waits for the next connection.</summary>
    /// <returns>The connection, or null once the listener is disposed.</returns>
    ValueTask<IFrameConnection?> AcceptAsync(CancellationToken cancellationToken);
}
