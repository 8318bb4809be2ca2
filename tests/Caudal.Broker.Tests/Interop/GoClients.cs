using System.Diagnostics;
using System.Text.Json;

namespace Caudal.Broker.Tests.Interop;

/// <summary>
/// franz-go, sarama and goka in one program beside the repository; on CI its absence is a failure, elsewhere the test is skipped.
/// </summary>
internal static class GoClients
{
    private static readonly string? Program = KafkaTools.FindShared("peers", "go");

    /// <summary>Runs a workload to its end, and returns how many records it says it did.</summary>
    public static async Task<long> RunAsync(EmbeddedBroker broker, params string[] arguments)
    {
        Require();
        var printed = await KafkaTools.RunAsync(
            new ProcessStartInfo(Program!, [.. arguments, "--bootstrap", broker.BootstrapServers]), input: null);
        // Its one line of JSON is all that it prints if it succeeds.
        Assert.StartsWith("{", printed, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(printed);
        return report.RootElement.GetProperty("records").GetInt64() + report.RootElement.GetProperty("warmup_records").GetInt64();
    }

    private static void Require()
    {
        if (Program is not null)
            return;
        const string Missing = "the Go clients (shared/peers/go beside the repository or above) are missing";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Missing);
        Assert.Skip(Missing);
    }
}
