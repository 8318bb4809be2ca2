using System.Globalization;
using System.Text.Json;

namespace Caudal.Bench;

/// <summary>The broker beside Apache Kafka, and beside franz-go's kfake in memory: the same client does the same work in turns.</summary>
internal static class BrokerComparison
{
    public static readonly string[] Parts = ["start", "disk", "group", "memory", "partitions", "connections"];

    public static async Task RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        foreach (var part in settings.Only is { } only ? [only] : Parts)
            await RunAsync(part, settings, cancellationToken);
    }

    private static Task RunAsync(string part, Settings settings, CancellationToken cancellationToken) => part switch
    {
        "start" => StartAsync(settings, cancellationToken),
        "disk" => DiskAsync(settings, settings.Quick ? 200_000 : 2_000_000, cancellationToken),
        "group" => GroupAsync(settings, cancellationToken),
        "memory" => MemoryAsync(settings, cancellationToken),
        "partitions" => PartitionsAsync(settings, cancellationToken),
        "connections" => ConnectionsAsync(settings, cancellationToken),
        _ => throw new ArgumentException($"There is no part '{part}'; the parts are {string.Join(", ", Parts)}."),
    };

    private static async Task StartAsync(Settings settings, CancellationToken cancellationToken)
    {
        var cold = new List<double>();
        var warm = new List<double>();
        var process = new List<double>();
        var resident = new List<double>();
        for (var round = 0; round < settings.Rounds; round++)
        {
            var line = (await Child.RunAsync(Environment.ProcessPath!, ["start-side"], cancellationToken))[0].Split('\t');
            cold.Add(double.Parse(line[0], CultureInfo.InvariantCulture));
            warm.Add(double.Parse(line[1], CultureInfo.InvariantCulture));
            await using var broker = await CaudalAsync(settings, ["--memory"], cancellationToken);
            process.Add(broker.UntilFirstLine.TotalMilliseconds);
            resident.Add(broker.Resident / 1e6);
        }

        Print("StartAsync to first acknowledged record, fresh process, ms", cold);
        Print("StartAsync to first acknowledged record, warm, ms", warm);
        Print($"{Path.GetFileName(settings.Caudal)} broker: exec to 'listening on', ms", process);
        Print("  resident memory right after it, MB", resident);
    }

    private static async Task DiskAsync(Settings settings, int records, CancellationToken cancellationToken)
    {
        Console.WriteLine($"\non disk, mode os, {records:N0} records of 100 bytes");
        await BesideKafkaAsync(settings, [], [], WorkAsync, cancellationToken);

        async Task WorkAsync(Table table, bool isOurs, Child broker, string bootstrap)
        {
            await BrokerComparison.WorkAsync(settings, table, isOurs, broker, bootstrap, records, cancellationToken);
            await PerfTest.RunAsync(settings, table, isOurs, broker, bootstrap, records, 256 * 1024, cancellationToken);
        }
    }

    private static async Task GroupAsync(Settings settings, CancellationToken cancellationToken)
    {
        // Kafka's default size of a batch: what counts is how many requests a sync serves, not how large a request can be.
        const int batchSize = 16 * 1024;
        var records = settings.Quick ? 20_000 : 200_000;
        Console.WriteLine($"\nacknowledged when on disk, {records:N0} records of 100 bytes; then requests of 10 records");
        await BesideKafkaAsync(
            settings, ["--durability", "group"], ["log.flush.interval.messages=1"], WorkAsync, cancellationToken);

        async Task WorkAsync(Table table, bool isOurs, Child broker, string bootstrap)
        {
            await ConnectionTable.RunAsync(
                table, isOurs, broker, bootstrap, settings.Quick ? 500 : 5_000, [1, 10, 100], cancellationToken);
            await PerfTest.RunAsync(settings, table, isOurs, broker, bootstrap, records, batchSize, cancellationToken);
        }
    }

    private static async Task ConnectionsAsync(Settings settings, CancellationToken cancellationToken)
    {
        Console.WriteLine("\non disk, mode os, connections with one request of 10 records of 100 bytes under way each");
        var requests = settings.Quick ? 5_000 : 50_000;
        await BesideKafkaAsync(
            settings,
            [],
            [],
            (table, isOurs, broker, bootstrap) => ConnectionTable.RunAsync(
                table, isOurs, broker, bootstrap, requests, [1, 10, 100, 1000], cancellationToken),
            cancellationToken);
    }

    private static async Task PartitionsAsync(Settings settings, CancellationToken cancellationToken)
    {
        var records = settings.Quick ? 100_000 : 1_000_000;
        Console.WriteLine($"\non disk, mode os, {records:N0} records of 100 bytes, from 1 to 1,000 partitions");
        await BesideKafkaAsync(settings, [], [], WorkAsync, cancellationToken);

        async Task WorkAsync(Table table, bool isOurs, Child broker, string bootstrap)
        {
            // The broker's code gets warm before anything is counted.
            await PeerAsync(settings, "produce", bootstrap, "warm", records / 2, 4, cancellationToken);
            foreach (var partitions in new[] { 1, 10, 100, 1000 })
            {
                var before = broker.Cpu;
                var (rate, p99) = await PeerAsync(
                    settings, "produce", bootstrap, $"partitions-{partitions}", records, partitions, cancellationToken);
                table.Add($"{partitions} partitions, records/s", isOurs, rate);
                table.Add($"{partitions} partitions, p99 ms", isOurs, p99);
                table.Add($"{partitions} partitions, broker CPU ns a record", isOurs, (broker.Cpu - before).TotalNanoseconds / records);
            }

            table.Add("resident memory MB", isOurs, broker.Resident / 1e6);
        }
    }

    private static async Task BesideKafkaAsync(
        Settings settings,
        string[] ours,
        string[] theirs,
        Func<Table, bool, Child, string, Task> work,
        CancellationToken cancellationToken)
    {
        var table = new Table("Caudal", "Kafka");
        for (var round = 0; round < settings.Rounds; round++)
        {
            var data = Directory.CreateTempSubdirectory("caudal-bench-");
            try
            {
                await using (var broker = await CaudalAsync(settings, ["--data", data.FullName, .. ours], cancellationToken))
                    await work(table, true, broker, BootstrapOf(broker));
                var port = Ports.Free();
                var kafka = Path.Combine(data.FullName, "kafka");
                string[] config = [.. theirs.SelectMany(setting => new[] { "--config", setting })];
                await Child.RunAsync(
                    settings.Kafka, ["start", "--port", $"{port}", "--data", kafka, .. config], cancellationToken);
                try
                {
                    await using var watched = Child.Watch(ProcessOf(kafka));
                    await work(table, false, watched, $"127.0.0.1:{port}");
                }
                finally
                {
                    await Child.RunAsync(settings.Kafka, ["stop", "--port", $"{port}", "--data", kafka], CancellationToken.None);
                }
            }
            finally
            {
                data.Delete(recursive: true);
            }
        }

        table.Print();
    }

    private static async Task MemoryAsync(Settings settings, CancellationToken cancellationToken)
    {
        var records = settings.Quick ? 200_000 : 2_000_000;
        Console.WriteLine($"\nin memory, {records:N0} records of 100 bytes");
        var table = new Table("Caudal", "kfake");
        for (var round = 0; round < settings.Rounds; round++)
        {
            await using (var broker = await CaudalAsync(settings, ["--memory"], cancellationToken))
                await WorkAsync(settings, table, true, broker, BootstrapOf(broker), records, cancellationToken);
            var kfake = await Child.StartAsync(settings.Peer("go"), ["kfake", "--port", $"{Ports.Free()}"], cancellationToken);
            await using (kfake)
                await WorkAsync(settings, table, false, kfake, BootstrapOf(kfake), records, cancellationToken);
        }

        table.Print();
    }

    private static async Task WorkAsync(
        Settings settings, Table table, bool isOurs, Child broker, string bootstrap, int records, CancellationToken cancellationToken)
    {
        foreach (var work in new[] { "produce", "consume" })
        {
            // The client warms up by its first records, which a new broker answers with a few requests: all it would show is its compiler.
            if (work == "consume")
                await PeerAsync(settings, work, bootstrap, "bench", records, 4, cancellationToken);
            var before = broker.Cpu;
            var (rate, p99) = await PeerAsync(settings, work, bootstrap, "bench", records, 4, cancellationToken);
            table.Add($"{work}, records/s", isOurs, rate);
            table.Add($"{work}, broker CPU ns a record", isOurs, (broker.Cpu - before).TotalNanoseconds / records);
            if (p99 > 0)
                table.Add($"{work}, p99 ms", isOurs, p99);
        }

        table.Add("resident memory MB", isOurs, broker.Resident / 1e6);
    }

    private static async Task<(double Rate, double P99)> PeerAsync(
        Settings settings, string work, string bootstrap, string topic, int records, int partitions, CancellationToken cancellationToken)
    {
        string[] more = work == "produce" ? ["--size", "100", "--partitions", $"{partitions}"] : [];
        var lines = await Child.RunAsync(
            settings.Peer("go"),
            ["franz", work, "--bootstrap", bootstrap, "--topic", topic, "--records", $"{records}", .. more],
            cancellationToken);
        using var json = JsonDocument.Parse(lines[^1]);
        var root = json.RootElement;
        var rate = root.GetProperty("records").GetDouble() / root.GetProperty("seconds").GetDouble();
        return (rate, root.TryGetProperty("p99_ms", out var p99) ? p99.GetDouble() : 0);
    }

    private static Task<Child> CaudalAsync(Settings settings, string[] arguments, CancellationToken cancellationToken) =>
        Child.StartAsync(settings.Caudal, ["broker", "--port", "0", .. arguments], cancellationToken);

    private static string BootstrapOf(Child broker) => broker.FirstLine[(broker.FirstLine.LastIndexOf(' ') + 1)..];

    private static int ProcessOf(string data) =>
        int.Parse(File.ReadAllText(Path.Combine(data, "1", "pid")), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    private static void Print(string name, List<double> values)
    {
        values.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-66}{values[values.Count / 2],10:N1}"));
    }
}
