using System.Buffers.Binary;
using Caudal.Broker.Tests.Support;
using Confluent.Kafka;

namespace Caudal.Broker.Tests.Interop;

/// <summary>franz-go and sarama write what librdkafka and the other of the two read; goka keeps its tables here.</summary>
public class GoClientsTests
{
    // The program repeats so many different values, in this order.
    private const int Values = 1024;
    private const int Records = 5000;

    [Theory]
    [InlineData("franz", "none")]
    [InlineData("franz", "gzip")]
    [InlineData("franz", "zstd")]
    [InlineData("sarama", "none")]
    [InlineData("sarama", "snappy")]
    [InlineData("sarama", "lz4")]
    public async Task Go_clients_produce_each_record_once_and_in_order(string client, string compression)
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        var done = await GoClients.RunAsync(
            broker, client, "produce", "--topic", "t", "--records", $"{Records}", "--compression", compression);

        var read = Librdkafka.ReadAll<byte[]>(broker, "t");

        Assert.Equal(Records, done);
        Assert.Equal(Enumerable.Range(0, Records).Select(i => (long)i), read.Select(r => r.Offset.Value));
        AssertValuesInOrder(read);
        Assert.Equal(Records, await GoClients.RunAsync(broker, Other(client), "consume", "--topic", "t", "--records", $"{Records}"));
    }

    [Theory]
    [InlineData("franz")]
    [InlineData("sarama")]
    public async Task Go_clients_consume_in_groups(string client)
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await GoClients.RunAsync(
            broker, Other(client), "produce", "--topic", "t", "--records", $"{Records}", "--partitions", "4", "--keys", "100");

        var done = await GoClients.RunAsync(broker, client, "consume", "--topic", "t", "--records", $"{Records}", "--group", "g");

        Assert.Equal(Records, done);
        using var admin = Librdkafka.Admin(broker);
        var groups = await admin.DescribeConsumerGroupsAsync(["g"]);
        Assert.Equal(ConsumerGroupState.Empty, groups.ConsumerGroupDescriptions[0].State);
        var offsets = await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions("g", null)]);
        var committed = offsets[0].Partitions.Sum(p => p.Offset.Value);
        // franz-go commits what was polled before the last poll, sarama all that was marked.
        Assert.InRange(committed, client == "sarama" ? Records : 1, Records);
    }

    [Theory]
    [InlineData("franz")]
    [InlineData("sarama")]
    public async Task Go_clients_transact(string client)
    {
        const int Each = 100;
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());

        var done = await GoClients.RunAsync(
            broker, client, "transact", "--topic", "t", "--records", $"{Records}", "--per-transaction", $"{Each}");

        var read = Librdkafka.ReadAll<byte[]>(broker, "t");
        Assert.Equal(Records, done);
        Assert.Equal(Records, read.Count);
        AssertValuesInOrder(read);
        // One marker after each transaction.
        Assert.All(read.Index(), record => Assert.Equal(record.Index + (record.Index / Each), record.Item.Offset.Value));
    }

    [Theory]
    [InlineData("franz")]
    [InlineData("sarama")]
    public async Task Go_clients_tail_what_they_produce(string client)
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());

        var done = await GoClients.RunAsync(broker, client, "latency", "--topic", "t", "--rate", "1000", "--seconds", "0.2");

        Assert.Equal(200, done);
        Assert.Equal(200, Librdkafka.ReadAll<byte[]>(broker, "t").Count);
    }

    [Fact]
    public async Task Goka_counts_words_into_its_table()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        var lines = Enumerable.Range(0, 2000).Select(i => $"the Word w{i % 7} of w{i % 11}").ToList();
        await WriteLinesAsync(broker, lines);

        var done = await GoClients.RunAsync(broker, "goka", "count", "--records", $"{lines.Count}");

        var expected = lines.SelectMany(line => line.ToLowerInvariant().Split(' ')).CountBy(word => word).ToDictionary();
        var counts = new Dictionary<string, int>();
        foreach (var record in Librdkafka.ReadAll<byte[]>(broker, "out-wordcount-goka", partitions: 4))
            counts[record.Message.Key] = (int)BinaryPrimitives.ReadInt64BigEndian(record.Message.Value);
        Assert.Equal(lines.Count, done);
        Assert.Equal(expected, counts);
    }

    [Fact]
    public async Task Goka_passes_every_record_on()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        var lines = Enumerable.Range(0, 2000).Select(i => $"line {i}").ToList();
        await WriteLinesAsync(broker, lines);

        await GoClients.RunAsync(broker, "goka", "upper", "--records", $"{lines.Count}");

        var upper = Librdkafka.ReadAll<string>(broker, "out-upper-goka", partitions: 4).Select(record => record.Message.Value);
        Assert.Equal(lines.Select(line => line.ToUpperInvariant()).Order(), upper.Order());
    }

    private static string Other(string client) => client == "franz" ? "sarama" : "franz";

    private static void AssertValuesInOrder(List<ConsumeResult<string, byte[]>> read)
    {
        Assert.Equal(Values, read.Select(r => Convert.ToHexString(r.Message.Value)).Distinct().Count());
        Assert.All(read.Skip(Values).Index(), r => Assert.Equal(read[r.Index].Message.Value, r.Item.Message.Value));
    }

    private static async Task WriteLinesAsync(EmbeddedBroker broker, List<string> lines)
    {
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("lines", 4);
        using var producer = Librdkafka.Producer(broker);
        await Task.WhenAll(lines.Select(line => producer.ProduceAsync(
            "lines", new Message<string, string> { Value = line }, TestContext.Current.CancellationToken)));
    }
}
