using Caudal.Compression;

namespace Caudal.Client.Tests.Consuming;

/// <summary>Consuming from a whole broker: the embedded one, or Apache Kafka.</summary>
public sealed class ClusterConsumeTests
{
    private static ConsumerOptions<string?, string?> Options =>
        new(Serdes.Utf8, Serdes.Utf8) { AutoOffsetReset = AutoOffsetReset.Earliest };

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Records_of_every_codec_arrive_in_order(CompressionType codec)
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        for (var i = 0; i < 5; i++)
            await cluster.ProduceAsync(topic, 0, Batches.Of(0, codec, [.. Enumerable.Range(0, 100).Select(n => $"{i}.{n}")]));
        await using var consumer = cluster.Client.CreateConsumer(Options);
        consumer.Assign(new TopicPartitionOffset(topic, 0, 50));

        var records = await ConsumerFixture.TakeRecordsAsync(consumer, 450);

        Assert.Equal(Enumerable.Range(50, 450).Select(i => (long)i), records.Select(r => r.Offset));
        Assert.Equal(Enumerable.Range(50, 450).Select(i => $"{i / 100}.{i % 100}"), records.Select(r => r.Value));
    }

    [Fact]
    public async Task Positions_and_offsets_agree_with_the_broker()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(2);
        await cluster.ProduceAsync(topic, 0, "a", "b", "c");
        var (first, second) = (new TopicPartition(topic, 0), new TopicPartition(topic, 1));
        await using var consumer = cluster.Client.CreateConsumer(
            Options with { GroupId = TestCluster.Name("g"), EnableAutoCommit = false });

        var ends = await consumer.EndOffsetsAsync([first, second], TestCluster.Token);
        Assert.Equal((3, 0), (ends[first], ends[second]));
        var starts = await consumer.BeginningOffsetsAsync([first, second], TestCluster.Token);
        Assert.Equal((0, 0), (starts[first], starts[second]));
        var times = await consumer.OffsetsForTimesAsync(
            new Dictionary<TopicPartition, DateTimeOffset>
            {
                [first] = DateTimeOffset.FromUnixTimeMilliseconds(1_001),
                [second] = DateTimeOffset.UnixEpoch,
            },
            TestCluster.Token);
        Assert.Equal(new OffsetAndTimestamp(1, DateTimeOffset.FromUnixTimeMilliseconds(1_001)), times[first]);
        Assert.False(times.ContainsKey(second));

        consumer.Assign(first, second);
        Assert.Equal(["a", "b"], await ConsumerFixture.TakeAsync(consumer, 2));
        Assert.Empty(await consumer.CommittedAsync([first, second], TestCluster.Token));
        Assert.Equal([new TopicPartitionOffset(first, 2)],
            (await consumer.CommitAsync([new TopicPartitionOffset(first, 2)], TestCluster.Token)).Committed);
        Assert.Equal(2, (await consumer.CommittedAsync([first, second], TestCluster.Token))[first]);

        consumer.Seek(new TopicPartitionOffset(first, 0));
        consumer.Pause(second);
        await cluster.ProduceAsync(topic, 1, "x");
        Assert.Equal(["a", "b", "c"], await ConsumerFixture.TakeAsync(consumer, 3));
        consumer.Resume(second);
        Assert.Equal(["x"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task An_offset_that_is_out_of_range_is_reset()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        await cluster.ProduceAsync(topic, 0, "a");
        await using var consumer = cluster.Client.CreateConsumer(Options);
        consumer.Assign(new TopicPartitionOffset(topic, 0, 77));

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task Records_that_arrive_later_wake_the_consumer()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        await using var consumer = cluster.Client.CreateConsumer(Options);
        consumer.Assign(new TopicPartition(topic, 0));
        for (var i = 0; i < 10; i++)
        {
            var taking = ConsumerFixture.TakeAsync(consumer, 1);
            await cluster.ProduceAsync(topic, 0, $"{i}");
            Assert.Equal([$"{i}"], await taking);
        }
    }
}
