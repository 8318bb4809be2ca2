using System.Globalization;
using System.Text.RegularExpressions;

namespace Caudal.Bench;

/// <summary>
/// Kafka's own <c>producer-perf-test</c> and <c>consumer-perf-test</c>, as its users know them: one client, records of 100 bytes, acks from
/// all.
/// </summary>
internal static partial class PerfTest
{
    private const int FetchRateColumn = 9;

    /// <summary>
    /// Runs both against a broker, into a topic of one partition unless it is there, and notes the rates, the latency and the broker's
    /// processor time.
    /// </summary>
    public static async Task RunAsync(
        Settings settings, Table table, bool isOurs, Child broker, string bootstrap, int records, int batchSize,
        CancellationToken cancellationToken)
    {
        var before = broker.Cpu;
        string[] arguments =
        [
            "producer-perf-test", "--bootstrap-server", bootstrap, "--topic", "bench", "--record-size", "100", "--throughput", "-1",
            "--num-records", $"{records}", "--warmup-records", $"{records / 5}", "--reporting-interval", "1000000",
            "--command-property", "acks=all", "linger.ms=5", $"batch.size={batchSize}",
        ];
        var lines = await Child.RunAsync(settings.Kafka, arguments, cancellationToken);
        var figures = lines.Select(line => Figures().Match(line)).LastOrDefault(match => match.Success)
            ?? throw new InvalidDataException($"producer-perf-test printed no figures: {string.Join('\n', lines)}");
        table.Add("producer-perf-test, records/s", isOurs, Number(figures.Groups["rate"]));
        table.Add("producer-perf-test, p99 ms", isOurs, Number(figures.Groups["p99"]));
        table.Add("producer-perf-test, broker CPU ns a record", isOurs, (broker.Cpu - before).TotalNanoseconds / records);
        await ConsumeAsync(settings, table, isOurs, broker, bootstrap, records, cancellationToken);
    }

    // The rate is that of fetching: joining the group is left out, as it has nothing to do with records.
    private static async Task ConsumeAsync(
        Settings settings, Table table, bool isOurs, Child broker, string bootstrap, int records, CancellationToken cancellationToken)
    {
        var before = broker.Cpu;
        string[] arguments =
            ["consumer-perf-test", "--bootstrap-server", bootstrap, "--topic", "bench", "--num-records", $"{records}"];
        var lines = await Child.RunAsync(settings.Kafka, arguments, cancellationToken);
        var columns = lines[^1].Split(", ");
        if (columns.Length <= FetchRateColumn || !double.TryParse(columns[FetchRateColumn], CultureInfo.InvariantCulture, out var rate))
            throw new InvalidDataException($"consumer-perf-test printed no figures: {string.Join('\n', lines)}");
        table.Add("consumer-perf-test, records/s", isOurs, rate);
        table.Add("consumer-perf-test, broker CPU ns a record", isOurs, (broker.Cpu - before).TotalNanoseconds / records);
    }

    private static double Number(Group group) => double.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<rate>[0-9.]+) records/sec .* (?<p99>[0-9.]+) ms 99th")]
    private static partial Regex Figures();
}
