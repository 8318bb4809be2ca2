using System.Net;
using System.Net.Sockets;
using Caudal.Broker.Tests.Support;

namespace Caudal.Broker.Tests.Interop;

/// <summary>Apache Kafka on a free port, for the tests of a class; not started where its tools are missing.</summary>
public sealed class KafkaServer : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private int _port;

    /// <summary>Where it listens.</summary>
    public string BootstrapServers => $"127.0.0.1:{_port}";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!KafkaTools.AreThere)
            return;
        _port = FreePort();
        var started = await KafkaTools.RunAsync("start", $"--port {_port} --data {_directory.Path}");
        Assert.Contains("listening on", started, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_port != 0)
            await KafkaTools.RunAsync("stop", $"--data {_directory.Path} --kill");
        _directory.Dispose();
    }

    // Kafka's controller listens 10,000 above or below: both must be free.
    private static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            using var second = new TcpListener(IPAddress.Loopback, port + 10_000 <= 65_535 ? port + 10_000 : port - 10_000);
            try
            {
                second.Start();
                return port;
            }
            catch (SocketException)
            {
                // Another pair.
            }
        }
    }
}
