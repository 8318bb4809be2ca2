using System.Net;
using System.Net.Sockets;

namespace Caudal.Bench;

/// <summary>Ports for processes that have to be told one.</summary>
internal static class Ports
{
    /// <summary>A port that was free a moment ago, and for Kafka's controller the one that it takes 10,000 away from it.</summary>
    public static int Free()
    {
        while (true)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            using var second = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                second.Bind(new IPEndPoint(IPAddress.Loopback, port + 10_000 <= 65_535 ? port + 10_000 : port - 10_000));
                return port;
            }
            catch (SocketException)
            {
                // Another pair.
            }
        }
    }
}
