using Caudal.Client.Tests.Consuming;
using Caudal.Client.Tests.Fakes;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Client.Tests.Producing;

/// <summary>Producing to a whole cluster: the embedded broker, or the one that <c>CAUDAL_TEST_BOOTSTRAP</c> names.</summary>
public sealed class ClusterProduceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CompressionType.None, Acks.All)]
    [InlineData(CompressionType.Gzip, Acks.All)]
    [InlineData(CompressionType.Snappy, Acks.Leader)]
    [InlineData(CompressionType.Lz4, Acks.All)]
    [InlineData(CompressionType.Zstd, Acks.All)]
    [InlineData(CompressionType.None, Acks.None)]
    public async Task What_is_produced_can_be_read_in_order(CompressionType codec, Acks acks)
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        await using var producer = cluster.Client.CreateProducer(
            TestTexts.Options(new() { Compression = codec, Acks = acks, BatchSize = 4000 }));
        var values = TestTexts.Numbers(3000);

        foreach (var value in values)
            await producer.EnqueueAsync(
                new(topic, value, value) { Headers = [new RecordHeader("n", System.Text.Encoding.UTF8.GetBytes(value))] }, null, Token);
        await producer.FlushAsync(Token);

        Assert.Equal(values, await ReadAsync(cluster.Client, topic, values.Length));
    }

    [Fact]
    public async Task Awaited_records_are_told_their_offsets()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(3);
        await using var producer = cluster.Client.CreateProducer(TestTexts.Options());

        for (var i = 0; i < 5; i++)
        {
            var metadata = await producer.ProduceAsync(new(topic, null, "v") { Partition = 2 }, Token);
            Assert.Equal((topic, 2, i), (metadata.Topic, metadata.Partition, (int)metadata.Offset));
        }

        var many = await Task.WhenAll(
            Enumerable.Range(0, 500).Select(i => producer.ProduceAsync(new(topic, null, "v") { Partition = i % 3 }, Token).AsTask()));
        for (var partition = 0; partition < 3; partition++)
        {
            var offsets = many.Where(metadata => metadata.Partition == partition).Select(metadata => metadata.Offset).ToArray();
            Assert.Equal(Enumerable.Range(partition == 2 ? 5 : 0, offsets.Length).Select(offset => (long)offset), offsets);
        }
    }

    [Fact]
    public async Task Two_producers_share_a_client()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        await using var first = cluster.Client.CreateProducer(TestTexts.Options());
        await using var second = cluster.Client.CreateProducer(TestTexts.Options());

        for (var i = 0; i < 200; i++)
        {
            await first.EnqueueAsync(TestTexts.Record(topic, "a"), null, Token);
            await second.EnqueueAsync(TestTexts.Record(topic, "b"), null, Token);
        }

        await first.FlushAsync(Token);
        await second.FlushAsync(Token);
        var values = await ReadAsync(cluster.Client, topic, 400);
        Assert.Equal(200, values.Count(value => value == "a"));
    }

    [Fact]
    public async Task A_batch_that_the_topic_refuses_fails_with_the_brokers_reason()
    {
        await using var cluster = await TestCluster.StartAsync();
        var name = TestCluster.Name("small");
        (
            await cluster.Client.Admin.CreateTopicsAsync(
                [new NewTopic(name) { Partitions = 1, Configs = new Dictionary<string, string> { ["max.message.bytes"] = "1000" } }],
                cancellationToken: Token)).ThrowIfAnyFailed();
        await using var producer = cluster.Client.CreateProducer(TestTexts.Options());

        var error = await Assert.ThrowsAsync<BrokerErrorException>(
            () => producer.ProduceAsync(TestTexts.Record(name, new string('x', 5000)), Token).AsTask());
        Assert.Equal(ErrorCode.MessageTooLarge, error.Code);
        Assert.Equal(0, (await producer.ProduceAsync(TestTexts.Record(name, "fits"), Token)).Offset);
    }

    private static async Task<string[]> ReadAsync(KafkaClient client, string topic, int count)
    {
        await using var consumer = client.CreateConsumer(
            new ConsumerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8) { AutoOffsetReset = AutoOffsetReset.Earliest });
        consumer.Assign(new TopicPartition(topic, 0));
        var values = new List<string>();
        await foreach (var record in consumer.ConsumeAsync(Token))
        {
            values.Add(record.Value!);
            if (values.Count == count)
                break;
        }

        return [.. values];
    }
}
