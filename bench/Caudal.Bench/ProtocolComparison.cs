using System.Globalization;

namespace Caudal.Bench;

/// <summary>Messages and record batches: this code and Kafka's classes do the same work in turns, each in its own process.</summary>
internal static class ProtocolComparison
{
    public static async Task RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        var table = new Table("Caudal ns", "Kafka ns");
        var java = Path.Combine(AppContext.BaseDirectory, "java", "ProtocolSide.java");
        var millis = settings.Quick ? "200" : "1000";
        string[] quick = settings.Quick ? ["--quick"] : [];
        for (var round = 0; round < settings.Rounds; round++)
        {
            Take(table, true, await Child.RunAsync(Environment.ProcessPath!, ["protocol-side", .. quick], cancellationToken));
            Take(table, false, await Child.RunAsync(
                "java", ["-cp", Path.Combine(settings.Shared, "kafka", "4.3", "*"), java, millis], cancellationToken));
        }

        Console.WriteLine("ns a message, or a record in a batch of 1,000 records of 100 bytes; below 1 is faster here");
        table.Print();
    }

    private static void Take(Table table, bool isOurs, string[] lines)
    {
        foreach (var line in lines)
        {
            var at = line.LastIndexOf('\t');
            table.Add(line[..at], isOurs, double.Parse(line.AsSpan(at + 1), CultureInfo.InvariantCulture));
        }
    }
}
