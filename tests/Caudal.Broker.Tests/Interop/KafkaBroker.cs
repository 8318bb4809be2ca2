using System.Net;
using System.Net.Sockets;
using Caudal.Broker.Tests.Support;

namespace Caudal.Broker.Tests.Interop;

/// <summary>Apache Kafka itself, for tests that compare its answers with ours.</summary>
internal sealed class KafkaBroker : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;

    private KafkaBroker(TemporaryDirectory directory, int port)
    {
        _directory = directory;
        Port = port;
    }

    public int Port { get; }

    public string BootstrapServers => $"127.0.0.1:{Port}";

    /// <summary>The directory with its data, complete once it was stopped.</summary>
    public string Path => _directory.Path;

    public static async Task<KafkaBroker> StartAsync()
    {
        KafkaTools.Require();
        var broker = new KafkaBroker(new TemporaryDirectory(), FreePort());
        var said = await KafkaTools.RunAsync("start", $"--port {broker.Port} --data {broker.Path}");
        Assert.Contains("listening on", said, StringComparison.Ordinal);
        return broker;
    }

    public Task StopAsync() => KafkaTools.RunAsync("stop", $"--port {Port} --data {Path}");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
    }

    // Kafka cannot choose a port by itself; that another process takes this one meanwhile is possible, but a fixed one were worse.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
