using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class DescribeTopicPartitionsTests
{
    [Fact]
    public async Task Pages_of_any_size_tell_everything_once()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("b", 3);
        await client.CreateTopicAsync("a", 2);
        await client.CreateTopicAsync("c", 1);
        string[] everything = ["a-0", "a-1", "b-0", "b-1", "b-2", "c-0"];

        for (var limit = 1; limit <= 7; limit++)
        {
            var told = new List<string>();
            DescribeTopicPartitionsRequest.CursorData? cursor = null;
            for (var pages = 0; pages < 10; pages++)
            {
                var page = await client.SendAsync(new DescribeTopicPartitionsRequest { ResponsePartitionLimit = limit, Cursor = cursor });
                var partitions = page.Topics.SelectMany(t => t.Partitions.Select(p => $"{t.Name}-{p.PartitionIndex}")).ToList();
                Assert.InRange(partitions.Count, 1, limit);
                told.AddRange(partitions);
                if (page.NextCursor is not { } next)
                    break;
                cursor = new() { TopicName = next.TopicName, PartitionIndex = next.PartitionIndex };
            }

            Assert.Equal(everything, told);
        }
    }

    [Fact]
    public async Task Topics_come_by_name_with_id_leader_and_replicas()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        var id = await client.CreateTopicAsync("t");

        var response = await client.SendAsync(new DescribeTopicPartitionsRequest
        {
            Topics = [new() { Name = "t" }, new() { Name = "no" }, new() { Name = "a b" }],
        });

        Assert.Equal(
            [("a b", ErrorCode.InvalidTopicException), ("no", ErrorCode.UnknownTopicOrPartition), ("t", ErrorCode.None)],
            response.Topics.Select(t => (t.Name!, (ErrorCode)t.ErrorCode)));
        var topic = response.Topics[2];
        var partition = Assert.Single(topic.Partitions);
        Assert.Equal((id, false), (topic.TopicId, topic.IsInternal));
        Assert.Equal((1, 0), (partition.LeaderId, partition.LeaderEpoch));
        Assert.Equal([1], partition.ReplicaNodes);
        Assert.Equal([1], partition.IsrNodes);
        Assert.Equal([], partition.EligibleLeaderReplicas!);
        Assert.Null(response.NextCursor);
    }

    [Fact]
    public async Task A_cursor_goes_on_behind_a_topic_that_is_gone()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("a");
        await client.CreateTopicAsync("c");

        var response = await client.SendAsync(
            new DescribeTopicPartitionsRequest { Cursor = new() { TopicName = "b", PartitionIndex = 5 } });

        Assert.Equal(["c"], response.Topics.Select(t => t.Name));
    }
}
