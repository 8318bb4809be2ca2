using System.Globalization;

namespace Caudal.Bench.Streams;

/// <summary>The broker below the stream workloads: it may be killed, and starts again on its data and its port.</summary>
internal sealed class StreamsBroker(Settings settings, bool isKafka, bool isKilled) : IAsyncDisposable
{
    // Transactions that an application left open are looked for every second: its successor waits for that.
    private const string Watchful = "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("caudal-streams-");
    private readonly int _port = Ports.Free();
    private Child? _process;

    /// <summary>Where it listens.</summary>
    public string Bootstrap => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    /// <summary>A folder that goes with the broker.</summary>
    public string Folder(string name) => Path.Combine(_data.FullName, name);

    /// <summary>Starts it, with what it has on disk.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (isKafka)
        {
            // One that is killed must have on disk what it acknowledged.
            string[] flush = isKilled ? ["--config", "log.flush.interval.messages=1"] : [];
            await Child.RunAsync(
                settings.Kafka,
                ["start", "--port", $"{_port}", "--data", Folder("kafka"), "--config", Watchful, .. flush],
                cancellationToken);
            return;
        }

        _process = await Child.StartAsync(
            settings.Caudal,
            ["broker", "--port", $"{_port}", "--data", Folder("data"), "--durability", isKilled ? "group" : "os", "--config", Watchful],
            cancellationToken);
    }

    /// <summary>Kills it, as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        if (isKafka)
            await Child.RunAsync(settings.Kafka, ["stop", "--data", Folder("kafka"), "--kill"], CancellationToken.None);
        else if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _data.Delete(recursive: true);
    }
}
