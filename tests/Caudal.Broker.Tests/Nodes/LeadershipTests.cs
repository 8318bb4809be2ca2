using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Nodes;

public class LeadershipTests
{
    [Fact]
    public async Task Only_the_leader_takes_records_and_others_name_it()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[2, 1]]);
        var topicId = (await (await cluster.ClientAsync(1)).DescribeAsync("t")).TopicId;
        var request = Brokers.Produce("t", Batches.Of("v"));
        request.TopicData[0].TopicId = topicId;

        foreach (var node in new[] { 1, 3 })
        {
            var response = await (await cluster.ClientAsync(node)).SendAsync(request);
            var partition = response.Responses[0].PartitionResponses[0];
            Assert.Equal(ErrorCode.NotLeaderOrFollower, (ErrorCode)partition.ErrorCode);
            Assert.Equal((2, 0), (partition.CurrentLeader.LeaderId, partition.CurrentLeader.LeaderEpoch));
            var endpoint = Assert.Single(response.NodeEndpoints);
            Assert.Equal((2, cluster.Node(2).Host, cluster.Node(2).Port), (endpoint.NodeId, endpoint.Host, endpoint.Port));
        }

        Assert.Equal(ErrorCode.NotLeaderOrFollower, await cluster.ProduceAsync(1, "t"));
        Assert.Equal(ErrorCode.None, await cluster.ProduceAsync(2, "t"));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(10, 1)]
    [InlineData(12, 3)]
    public async Task A_node_that_may_not_read_a_partition_says_so(short version, int node)
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[2, 1]]);
        await cluster.ProduceAsync(2, "t", "kept");

        var refused = await (await cluster.ClientAsync(node)).FetchAsync("t", 0, version: version);
        var read = await (await cluster.ClientAsync(2)).FetchAsync("t", 0, version: version);

        Assert.Equal(ErrorCode.NotLeaderOrFollower, (ErrorCode)refused.ErrorCode);
        Assert.Equal(version >= 12 ? 2 : -1, refused.CurrentLeader.LeaderId);
        Assert.Equal([(0L, "kept")], Batches.Read(read.Records));
    }

    [Fact]
    public async Task A_fetch_from_the_wrong_node_is_told_the_leaders_address()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[2, 1]]);
        var client = await cluster.ClientAsync(3);
        var request = Brokers.Fetch("t", 0);
        request.Topics[0].TopicId = (await client.DescribeAsync("t")).TopicId;

        var response = await client.SendAsync(request, 16);

        Assert.Equal(cluster.Node(2).Port, Assert.Single(response.NodeEndpoints).Port);
    }

    [Fact]
    public async Task Only_the_leader_lists_offsets()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[2, 1]]);
        async Task<ErrorCode> ListAsync(int node, int epoch)
        {
            var request = new ListOffsetsRequest
            {
                Topics = [new() { Name = "t", Partitions = [new() { Timestamp = -1, CurrentLeaderEpoch = epoch }] }],
            };
            return (ErrorCode)(await (await cluster.ClientAsync(node)).SendAsync(request, 7)).Topics[0].Partitions[0].ErrorCode;
        }

        await cluster.MoveAsync("t", 0, 1);

        Assert.Equal(ErrorCode.None, await ListAsync(1, 1));
        Assert.Equal(ErrorCode.FencedLeaderEpoch, await ListAsync(1, 0));
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, await ListAsync(1, 2));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, await ListAsync(2, 1));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, await ListAsync(3, 0));
    }

    [Fact]
    public async Task A_moved_leader_has_a_new_epoch_and_the_old_one_is_fenced()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[2, 1]]);
        await cluster.ProduceAsync(2, "t", "before");

        await cluster.MoveAsync("t", 0, 1);

        Assert.Equal((1, 1), ((await cluster.PartitionAsync("t")).Leader, await cluster.EpochAsync("t", through: 3)));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, await cluster.ProduceAsync(2, "t"));
        Assert.Equal(ErrorCode.None, await cluster.ProduceAsync(1, "t", "after"));
        var request = Brokers.Fetch("t", 0);
        request.Topics[0].Partitions[0].CurrentLeaderEpoch = 0;
        var fenced = (await (await cluster.ClientAsync(1)).SendAsync(request, 12)).Responses[0].Partitions[0];
        Assert.Equal(ErrorCode.FencedLeaderEpoch, (ErrorCode)fenced.ErrorCode);
        Assert.Equal((1, 1), (fenced.CurrentLeader.LeaderId, fenced.CurrentLeader.LeaderEpoch));
        var read = await (await cluster.ClientAsync(1)).FetchAsync("t", 0);
        Assert.Equal(["before", "after"], Batches.Read(read.Records).Select(r => r.Value));
    }

    [Fact]
    public async Task A_fetch_that_waits_is_sent_away_when_its_leader_moves()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[2, 1]]);
        var waiting = await cluster.ClientAsync(2);
        await waiting.PostAsync(Brokers.Fetch("t", 0, maxWaitMs: 60_000), 10);

        await cluster.MoveAsync("t", 0, 1);

        var response = await waiting.ReceiveAsync<FetchRequest, FetchResponse>(10);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (ErrorCode)response.Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public async Task A_leader_moves_to_replicas_that_are_up_only()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[2, 1]]);
        await cluster.StopAsync(1);

        var stranger = await Assert.ThrowsAsync<ArgumentException>(() => cluster.MoveAsync("t", 0, 3));
        var stopped = await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.MoveAsync("t", 0, 1));
        var missing = await Assert.ThrowsAsync<ArgumentException>(() => cluster.MoveAsync("t", 7, 2));

        Assert.Contains("replicas are on 2, 1", stranger.Message);
        Assert.Contains("stopped", stopped.Message);
        Assert.Contains("t-7", missing.Message);
    }
}
