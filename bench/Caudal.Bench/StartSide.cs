using System.Globalization;
using Caudal.Broker;
using Caudal.Client;

namespace Caudal.Bench;

/// <summary>From <c>StartAsync</c> to the first acknowledged record, in this process: cold, then warm.</summary>
internal static class StartSide
{
    public static async Task RunAsync()
    {
        var cold = await OnceAsync();
        var best = double.MaxValue;
        for (var i = 0; i < 10; i++)
            best = Math.Min(best, await OnceAsync());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cold:F1}\t{best:F1}"));
    }

    private static async Task<double> OnceAsync()
    {
        var since = TimeProvider.System.GetTimestamp();
        await using var broker = await EmbeddedBroker.StartAsync();
        await using var client = await KafkaClient.ConnectAsync(new KafkaClientOptions { BootstrapServers = broker.BootstrapServers });
        await using var producer = client.CreateProducer(
            new ProducerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8) { Linger = TimeSpan.Zero });
        await producer.ProduceAsync(new ProducerRecord<string?, string?>("first", "key", "value"));
        return TimeProvider.System.GetElapsedTime(since).TotalMilliseconds;
    }
}
