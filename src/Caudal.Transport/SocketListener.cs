using System.Net;
using System.Net.Sockets;

namespace Caudal.Transport;

/// <summary>Accepts TCP connections on one address and port.</summary>
public sealed class SocketListener : IConnectionListener
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Socket _socket;
    private readonly SocketOptions _options;

    private SocketListener(Socket socket, string host, SocketOptions options)
    {
        _socket = socket;
        _options = options;
        Host = host;
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <inheritdoc/>
    public string Host { get; }

    /// <inheritdoc/>
    public int Port { get; }

    /// <summary>Binds and listens.</summary>
    /// <param name="host">An address or name of this machine; <c>0.0.0.0</c> and <c>::</c> listen on all.</param>
    /// <param name="port">The port; 0 lets the system choose.</param>
    /// <param name="options">Settings of the accepted connections.</param>
    /// <exception cref="ConnectionException">The port is taken, or the host is not this machine's.</exception>
    public static SocketListener Listen(string host, int port, SocketOptions? options = null)
    {
        Socket? socket = null;
        try
        {
            var address = IPAddress.TryParse(host, out var literal) ? literal : Dns.GetHostAddresses(host)[0];
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            // Nothing to set for a restart on the same port: .NET binds TCP sockets so that connections of the last run do not stand in the
            // way.
            // SocketOptionName.ReuseAddress would share the port with another listener (it means SO_REUSEPORT too).
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1024);
            return new SocketListener(socket, host, options ?? new SocketOptions());
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            var why = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    "the port is in use. Stop the other program or choose another port (0 lets the system choose)",
                SocketError.AddressNotAvailable or SocketError.HostNotFound => "the host is not an address of this machine",
                SocketError.AccessDenied => "permission is denied. Choose a port above 1023",
                _ => e.Message,
            };
            throw new ConnectionException($"Cannot listen on {host}:{port}: {why}.", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IFrameConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (
                e is ObjectDisposedException
                || e is SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
            {
                return null;
            }
            catch (SocketException)
            {
                // The peer gave up before it was accepted, or the process has too many open files: without a pause the latter would be a
                // busy loop.
                await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                return new SocketConnection(socket, _options);
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
