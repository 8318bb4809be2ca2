using Caudal.Broker.Tests.Support;

namespace Caudal.Broker.Tests.Interop;

public class KafkaToolsTests
{
    [Fact]
    public async Task Kafkas_tools_produce_consume_in_a_group_and_describe()
    {
        KafkaTools.Require();
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        var at = $"--bootstrap-server {broker.BootstrapServers}";

        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("words", 2, "retention.ms=3600000");

        var produced = await KafkaTools.RunAsync("console-producer", $"{at} --topic words", "one\ntwo\nthree\n");
        var consumed = await KafkaTools.RunAsync(
            "console-consumer", $"{at} --topic words --group readers --from-beginning --max-messages 3");
        var described = await KafkaTools.RunAsync("topics", $"{at} --describe --topic words");
        var group = await KafkaTools.RunAsync("consumer-groups", $"{at} --describe --group readers");

        Assert.DoesNotContain("ERROR", produced, StringComparison.Ordinal);
        Assert.Contains("Processed a total of 3 messages", consumed, StringComparison.Ordinal);
        Assert.All(new[] { "one", "two", "three" }, word => Assert.Contains(word, consumed, StringComparison.Ordinal));
        Assert.Contains("PartitionCount: 2", described, StringComparison.Ordinal);
        Assert.Contains("retention.ms=3600000", described, StringComparison.Ordinal);
        Assert.Contains("readers", group, StringComparison.Ordinal);
    }
}
