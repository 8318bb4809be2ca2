using System.Globalization;
using System.Text.RegularExpressions;
using Caudal.Broker.Tests.Support;
using Caudal.Broker.Tests.Transactions;

namespace Caudal.Broker.Tests.Interop;

/// <summary>Transactions, beside Apache Kafka.</summary>
public sealed partial class TransactionDialogueTests(KafkaServer kafka) : IClassFixture<KafkaServer>
{
    [Fact]
    public async Task Producers_and_kafka_transactions_are_answered_as_by_Kafka()
    {
        KafkaTools.Require();
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        var port = int.Parse(kafka.BootstrapServers.Split(':')[1], CultureInfo.InvariantCulture);
        await using var theirClient = await TestClient.ConnectBySocketAsync("127.0.0.1", port);
        await using var ourClient = await TestClient.ConnectBySocketAsync(broker);

        var theirs = await new TransactionDialogue(theirClient).RunAsync();
        var ours = await new TransactionDialogue(ourClient).RunAsync();
        Assert.Equal(theirs, ours);

        foreach (var client in (TestClient[])[theirClient, ourClient])
        {
            var producer = new TransactionClient(client, "open");
            // On a busy machine the tools take long.
            await producer.InitializeAsync(timeoutMs: 900_000);
            await producer.ProduceAsync(TransactionDialogue.Topic, "z");
        }

        string[] tools =
        [
            "list --transactional-id-pattern o.*",
            "describe --transactional-id first",
            $"describe-producers --topic {TransactionDialogue.Topic} --partition 0",
        ];
        var said = "";
        foreach (var tool in tools)
        {
            var one = await RunAsync(broker.BootstrapServers, tool);
            Assert.Equal(await RunAsync(kafka.BootstrapServers, tool), one);
            said += one;
        }

        Assert.Contains("Ongoing", said, StringComparison.Ordinal);
        Assert.Contains("CompleteAbort", said, StringComparison.Ordinal);

        // An administrator ends a transaction; it is told in the log, and the readers go on.
        var start = await ourClient.EndAsync(TransactionDialogue.Topic, 1);
        await RunAsync(broker.BootstrapServers, $"abort --topic {TransactionDialogue.Topic} --partition 0 --start-offset {start}");
        Assert.Equal(await ourClient.EndAsync(TransactionDialogue.Topic, 0), await ourClient.EndAsync(TransactionDialogue.Topic, 1));
    }

    // Producer ids, times and ages differ; so does where an open transaction starts, for Kafka writes the markers of others after it has
    // answered.
    private static async Task<string> RunAsync(string server, string arguments)
    {
        var output = await KafkaTools.RunAsync("transactions", $"--bootstrap-server {server} {arguments}");
        var lines = output.Split('\n')
            .Select(line => Blanks().Replace(Digits().Replace(line, "#"), " ").Trim())
            .Select(line => StartOffset().Replace(line, "# START"));
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\b\d{4,}\b")]
    private static partial Regex Digits();

    [GeneratedRegex(@"# \d+$")]
    private static partial Regex StartOffset();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
