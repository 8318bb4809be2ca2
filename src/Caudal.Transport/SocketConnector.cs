using System.Net;
using System.Net.Sockets;

namespace Caudal.Transport;

/// <summary>Connects over TCP without encryption. Thread safe.</summary>
public sealed class SocketConnector(SocketOptions? options = null) : IConnector
{
    private readonly SocketOptions _options = options ?? new SocketOptions();

    /// <inheritdoc/>
    public async ValueTask<IFrameConnection> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(host, port, cancellationToken).ConfigureAwait(false);
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken).ConfigureAwait(false);
                return new SocketConnection(socket, _options);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new ConnectionException(
            $"Cannot connect to {host}:{port} (tried {string.Join(", ", addresses.Select(a => a.ToString()))}): {last?.Message}.", last);
    }

    private static async ValueTask<IPAddress[]> ResolveAsync(string host, int port, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
            if (addresses.Length > 0)
                return addresses;
        }
        catch (SocketException e)
        {
            throw new ConnectionException($"Cannot connect to {host}:{port}: the name {host} cannot be resolved ({e.Message}).", e);
        }

        throw new ConnectionException($"Cannot connect to {host}:{port}: the name {host} has no address.");
    }
}
