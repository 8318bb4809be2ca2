using Caudal.Client.Tests.Fakes;

namespace Caudal.Client.Tests.Producing;

public sealed class PartitioningTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Equal_keys_meet_in_the_partition_that_java_chooses()
    {
        await using var cluster = new FakeCluster();
        var topic = cluster.AddTopic("t", 10);
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options());

        foreach (var key in TestTexts.Numbers(200))
        {
            var metadata = await producer.ProduceAsync(TestTexts.Record("t", "v", key), Token);
            var bytes = System.Text.Encoding.UTF8.GetBytes(key);
            Assert.Equal(Protocol.Partitioning.Murmur2.Partition(Protocol.Partitioning.Murmur2.Hash(bytes), 10), metadata.Partition);
        }

        Assert.All(topic, partition => Assert.NotEmpty(partition.Values));
    }

    [Fact]
    public async Task Records_without_a_key_fill_one_partition_after_the_other()
    {
        await using var cluster = new FakeCluster();
        var topic = cluster.AddTopic("t", 4);
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 1000 }));

        for (var i = 0; i < 5000; i++)
            await producer.EnqueueAsync(TestTexts.Record("t", "0123456789"), null, Token);
        await producer.FlushAsync(Token);

        Assert.Equal(5000, topic.Sum(partition => partition.Values.Count));
        Assert.All(topic, partition => Assert.InRange(partition.Values.Count, 500, 2500));
        Assert.InRange(topic.Sum(partition => partition.Batches.Count), 50, 400);
    }

    [Fact]
    public async Task Round_robin_goes_round_whatever_the_key()
    {
        await using var cluster = new FakeCluster();
        var topic = cluster.AddTopic("t", 3);
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { Partitioner = Partitioners.CreateRoundRobin() }));

        for (var i = 0; i < 300; i++)
            await producer.EnqueueAsync(TestTexts.Record("t", "v", "same"), null, Token);
        await producer.FlushAsync(Token);

        // The first call only learns that the topic is not known yet; its turn is taken when it is.
        Assert.All(topic, partition => Assert.Equal(100, partition.Values.Count));
    }

    [Fact]
    public async Task A_partitioner_of_ones_own_sees_the_record_and_is_checked()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t", 3);
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { Partitioner = new ByLength() }));

        Assert.Equal(2, (await producer.ProduceAsync(TestTexts.Record("t", "vv", "k"), Token)).Partition);
        var error = await Assert.ThrowsAsync<ArgumentException>(
            async () => await producer.ProduceAsync(TestTexts.Record("t", "vvv", "k"), Token));
        Assert.Contains("t has no partition 3", error.Message);
    }

    [Theory]
    [InlineData("random")]
    [InlineData("crc32")]
    [InlineData("fnv1a")]
    [InlineData("murmur2")]
    public void Built_in_partitioners_stay_within_the_topic(string name)
    {
        var partitioner = new[] { Partitioners.Random, Partitioners.Crc32, Partitioners.Fnv1A, Partitioners.Murmur2 }
            .Single(p => p.ToString() == name);
        var seen = new HashSet<int>();
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var key = new byte[random.Next(1, 20)];
            random.NextBytes(key);
            var chosen = partitioner.Select(new PartitionContext { Topic = "t", PartitionCount = 7, Key = key });
            Assert.InRange(chosen, 0, 6);
            seen.Add(chosen);
        }

        Assert.Equal(7, seen.Count);
    }

    [Theory]
    [InlineData("consistent", "", 0, false)]
    [InlineData("consistent", null, 0, false)]
    [InlineData("consistent_random", "", -1, true)]
    [InlineData("consistent_random", null, -1, true)]
    [InlineData("murmur2_random", null, -1, true)]
    [InlineData("murmur2", null, 0, false)]
    [InlineData("fnv1a_random", null, -1, true)]
    [InlineData("fnv1a", null, 0, false)]
    public void Keys_that_are_missing_are_free_or_share_a_partition_as_the_name_says(string name, string? key, int atLeast, bool free)
    {
        var partitioner = ProducerOptions.FromProperties([new("partitioner", name)]).Partitioner;
        var bytes = System.Text.Encoding.UTF8.GetBytes(key ?? "");
        var chosen = partitioner.Select(new PartitionContext { Topic = "t", PartitionCount = 7, Key = bytes, IsKeyNull = key is null });

        Assert.InRange(chosen, atLeast, 6);
        Assert.Equal(free, chosen == IPartitioner.Sticky);
    }

    [Fact]
    public async Task With_the_manual_partitioner_records_name_their_partition()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t", 3);
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { Partitioner = Partitioners.Manual }));

        Assert.Equal(1, (await producer.ProduceAsync(new("t", "k", "v") { Partition = 1 }, Token)).Partition);
        var error = await Assert.ThrowsAsync<ArgumentException>(
            async () => await producer.ProduceAsync(TestTexts.Record("t", "v", "k"), Token));
        Assert.Contains("names no partition", error.Message);
    }

    private sealed class ByLength : IPartitioner
    {
        public int Select(in PartitionContext context) => context.Value.Length;
    }
}
