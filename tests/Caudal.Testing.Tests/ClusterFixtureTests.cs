using Caudal.Broker;
using Caudal.Client;

namespace Caudal.Testing.Tests;

/// <summary>Three nodes on a clock that stands still: what a user would derive.</summary>
public sealed class ClusterFixture() : EmbeddedBrokerFixture(new EmbeddedBrokerOptions { Nodes = 3, TimeProvider = new ManualClock() });

/// <summary>An example of a test with its own broker beside the assembly's.</summary>
public class ClusterFixtureTests(ClusterFixture cluster, EmbeddedBrokerFixture other) : IClassFixture<ClusterFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_producer_goes_on_while_the_leader_of_its_partition_stops()
    {
        var topic = await cluster.CreateTopicAsync(replicationFactor: 3, cancellationToken: Cancel);
        await using var client = cluster.CreateClient();
        await using var producer = client.CreateProducer(new ProducerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8));
        var offsets = new List<long>();
        for (var i = 0; i < 6; i++)
        {
            var leader = cluster.Broker.LeaderOf(topic, 0)!;
            if (i % 2 == 1)
                await leader.StopAsync(Cancel);
            offsets.Add((await producer.ProduceAsync(new ProducerRecord<string?, string?>(topic, "k", $"{i}"), Cancel)).Offset);
            if (i % 2 == 1)
                await leader.StartAsync(Cancel);
        }

        Assert.Equal([0, 1, 2, 3, 4, 5], offsets);
    }

    [Fact]
    public async Task Retention_comes_when_the_test_says_so()
    {
        var topic = await cluster.CreateTopicAsync(
            configs: new Dictionary<string, string> { ["retention.ms"] = "3600000" }, cancellationToken: Cancel);
        await using var client = cluster.CreateClient();
        await using var producer = client.CreateProducer(new ProducerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8));
        await producer.ProduceAsync(new ProducerRecord<string?, string?>(topic, "k", "old"), Cancel);
        Assert.Equal(0, await EarliestAsync(client, topic));

        // The broker looks for old segments in intervals; each of them is asked for by its own timer.
        while (await EarliestAsync(client, topic) == 0)
        {
            cluster.Clock.Advance(TimeSpan.FromHours(2));
            await Task.Yield();
        }

        Assert.Equal(1, await EarliestAsync(client, topic));
    }

    [Fact]
    public void Brokers_side_by_side_are_strangers()
    {
        Assert.NotEqual(cluster.Broker.ClusterId, other.Broker.ClusterId);
        Assert.Equal((3, 1), (cluster.Broker.Nodes.Count, other.Broker.Nodes.Count));
    }

    private static async Task<long> EarliestAsync(KafkaClient client, string topic)
    {
        var listed = await client.Admin.ListOffsetsAsync(
            new Dictionary<TopicPartition, OffsetSpec> { [new(topic, 0)] = OffsetSpec.Earliest }, cancellationToken: Cancel);
        return listed[new(topic, 0)].GetOrThrow().Offset;
    }
}
