using System.Net;
using System.Net.Sockets;
using Caudal.Broker.Tests.Support;

namespace Caudal.Broker.Tests.Interop;

/// <summary>Apache Kafka on a free port, for the tests of a class; not started where its tools are missing.</summary>
public sealed class KafkaServer : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string? _version;
    private int _port;

    /// <summary>The newest that is there.</summary>
    public KafkaServer()
    {
    }

    /// <summary>A release by its number, e.g. 3.3.</summary>
    internal KafkaServer(string version) => _version = version;

    /// <summary>Where it listens.</summary>
    public string BootstrapServers => $"127.0.0.1:{_port}";

    /// <summary>Further arguments of its start.</summary>
    internal string Settings { get; init; } = "";

    /// <summary>Where its partition logs are.</summary>
    internal string LogDirectory => Path.Combine(_directory.Path, "1", "logs");

    /// <summary>Stops it in order; its data stays.</summary>
    internal Task StopAsync() => KafkaTools.RunAsync("stop", $"--data {_directory.Path}");

    /// <summary>Starts it again on what it had.</summary>
    internal async Task RestartAsync()
    {
        var started = await KafkaTools.RunAsync("start", $"--port {_port} --data {_directory.Path} {Settings}", version: _version);
        Assert.Contains("listening on", started, StringComparison.Ordinal);
    }

    internal Task<TestClient> ConnectAsync() => TestClient.ConnectBySocketAsync("127.0.0.1", _port);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (!KafkaTools.AreThere)
            return;
        _port = FreePort();
        await RestartAsync();
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
