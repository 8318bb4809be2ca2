using Caudal.Broker.Tests.Support;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Caudal.Broker.Tests.Interop;

public class ConfluentGroupTests
{
    private const int Records = 400;

    [Theory]
    [InlineData(PartitionAssignmentStrategy.Range)]
    [InlineData(PartitionAssignmentStrategy.RoundRobin)]
    [InlineData(PartitionAssignmentStrategy.CooperativeSticky)]
    public async Task Librdkafkas_members_share_a_topic_and_take_over(PartitionAssignmentStrategy strategy)
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 4);
        using var first = Librdkafka.Consumer<string>(broker, "g", strategy);
        first.Subscribe("t");
        Share(4, first);
        using (var second = Librdkafka.Consumer<string>(broker, "g", strategy))
        {
            second.Subscribe("t");
            Share(2, first, second);
            await Librdkafka.ProduceAsync(broker, "t", Records);
            var half = Read(Records, first, second);
            Assert.Equal(Enumerable.Range(0, Records).Select(i => $"v{i}").Order(), half.Order());
            first.Commit();
            second.Commit();
            second.Close();
        }

        Share(4, first);
        await Librdkafka.ProduceAsync(broker, "t", Records);
        var rest = Read(Records, first);
        Assert.Equal(Enumerable.Range(0, Records).Select(i => $"v{i}").Order(), rest.Order());
        first.Commit();
        Assert.Equal(2 * Records, first.Committed(first.Assignment, Librdkafka.Patience).Sum(c => c.Offset.Value));
        first.Close();
    }

    [Fact]
    public async Task Librdkafkas_admin_client_rules_over_groups()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await Librdkafka.ProduceAsync(broker, "t", Records);
        using var admin = Librdkafka.Admin(broker);
        using (var consumer = Librdkafka.Consumer<string>(broker, "g"))
        {
            consumer.Subscribe("t");
            Assert.Equal(Records, Read(Records, consumer).Count);
            consumer.Commit();
            var stable = (await admin.DescribeConsumerGroupsAsync(["g"])).ConsumerGroupDescriptions[0];
            Assert.Equal(ConsumerGroupState.Stable, stable.State);
            Assert.Equal("range", stable.PartitionAssignor);
            Assert.Equal("t", Assert.Single(Assert.Single(stable.Members).Assignment.TopicPartitions).Topic);
            consumer.Close();
        }

        var partition = new TopicPartition("t", 0);
        Assert.Equal("g", Assert.Single((await admin.ListConsumerGroupsAsync()).Valid).GroupId);
        Assert.Equal(Records, await CommittedAsync());
        await admin.AlterConsumerGroupOffsetsAsync(
            [new ConsumerGroupTopicPartitionOffsets("g", [new TopicPartitionOffset(partition, 7)])]);
        Assert.Equal(7, await CommittedAsync());
        await admin.DeleteConsumerGroupOffsetsAsync("g", [partition]);
        Assert.Equal(Offset.Unset.Value, await CommittedAsync());
        await admin.DeleteGroupsAsync(["g"]);
        Assert.Empty((await admin.ListConsumerGroupsAsync()).Valid);

        async Task<long> CommittedAsync()
        {
            var offsets = await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions("g", [partition])]);
            return offsets[0].Partitions[0].Offset.Value;
        }
    }

    [Fact]
    public async Task Librdkafkas_admin_client_finds_and_deletes_records()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await Librdkafka.ProduceAsync(broker, "t", Records);
        using var admin = Librdkafka.Admin(broker);
        var partition = new TopicPartition("t", 0);

        var deleted = await admin.DeleteRecordsAsync([new TopicPartitionOffset(partition, 10)]);
        var ends = await admin.ListOffsetsAsync(
        [
            new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Earliest() },
        ]);
        var described = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames(["t"]));
        var cluster = await admin.DescribeClusterAsync();

        Assert.Equal(10, deleted[0].Offset.Value);
        Assert.Equal(10, ends.ResultInfos[0].TopicPartitionOffsetError.Offset.Value);
        Assert.Equal(Records - 10, Librdkafka.ReadAll<string>(broker, "t").Count);
        Assert.Equal(1, described.TopicDescriptions[0].Partitions[0].Leader.Id);
        Assert.Equal(broker.BootstrapServers, $"{cluster.Nodes[0].Host}:{cluster.Nodes[0].Port}");
    }

    // Polls in turns until each member has so many partitions.
    private static void Share(int each, params IConsumer<string, string>[] members)
    {
        for (var turns = 0; members.Any(member => member.Assignment.Count != each); turns++)
        {
            Assert.True(turns < 3000, $"Assigned: {string.Join(", ", members.Select(member => member.Assignment.Count))}");
            foreach (var member in members)
                Assert.True(member.Consume(10) is null or { IsPartitionEOF: true });
        }
    }

    private static List<string> Read(int records, params IConsumer<string, string>[] members)
    {
        var read = new List<string>();
        for (var turns = 0; read.Count < records; turns++)
        {
            Assert.True(turns < records + 6000, $"Only {read.Count} records came.");
            foreach (var member in members)
            {
                if (member.Consume(10) is { IsPartitionEOF: false } record)
                    read.Add(record.Message.Value);
            }
        }

        return read;
    }
}
