using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Nodes;

public class NodesTests
{
    [Fact]
    public async Task Three_nodes_tell_the_same_cluster_with_an_address_each()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Nodes = 3 });
        await using var client = await TestClient.ConnectBySocketAsync(broker);

        var metadata = await client.SendAsync(new MetadataRequest { Topics = [] });
        var cluster = await client.SendAsync(new DescribeClusterRequest());

        Assert.Equal([1, 2, 3], metadata.Brokers.Select(b => b.NodeId));
        Assert.Equal(broker.Nodes.Select(n => n.Port), metadata.Brokers.Select(b => b.Port));
        Assert.Equal(3, metadata.Brokers.Select(b => b.Port).Distinct().Count());
        Assert.Equal([1, 2, 3], cluster.Brokers.Select(b => b.BrokerId));
        Assert.Contains(metadata.ControllerId, new[] { 1, 2, 3 });
        Assert.Equal(metadata.ControllerId, cluster.ControllerId);
        Assert.Equal(3, broker.BootstrapServers.Split(',').Length);
    }

    [Fact]
    public async Task Leaders_are_spread_and_the_first_replica_leads()
    {
        await using var cluster = await Cluster.StartAsync();

        var created = await cluster.CreateAsync("t", partitions: 6, factor: 3);

        Assert.Equal((0, 3), (created.ErrorCode, created.ReplicationFactor));
        var topic = await (await cluster.ClientAsync(2)).DescribeAsync("t");
        Assert.All([1, 2, 3], node => Assert.Equal(2, topic.Partitions.Count(p => p.LeaderId == node)));
        Assert.All(topic.Partitions, p => Assert.Equal(p.LeaderId, p.ReplicaNodes[0]));
        Assert.All(topic.Partitions, p => Assert.Equal([1, 2, 3], p.ReplicaNodes.Order()));
        Assert.All(topic.Partitions, p => Assert.Equal(p.ReplicaNodes, p.IsrNodes));
    }

    [Fact]
    public async Task Small_topics_are_spread_over_the_nodes_too()
    {
        await using var cluster = await Cluster.StartAsync();
        var leaders = new HashSet<int>();
        foreach (var name in new[] { "a", "b", "c" })
        {
            await cluster.CreateAsync(name);
            leaders.Add((await cluster.PartitionAsync(name)).Leader);
        }

        Assert.Equal(3, leaders.Count);
    }

    [Theory]
    [InlineData(3, ErrorCode.None)]
    [InlineData(4, ErrorCode.InvalidReplicationFactor)]
    [InlineData(0, ErrorCode.InvalidReplicationFactor)]
    public async Task Replication_factors_up_to_the_number_of_nodes_are_accepted(short factor, ErrorCode expected)
    {
        await using var cluster = await Cluster.StartAsync();

        Assert.Equal(expected, (ErrorCode)(await cluster.CreateAsync("t", factor: factor)).ErrorCode);
    }

    [Fact]
    public async Task Manual_assignments_are_honoured()
    {
        await using var cluster = await Cluster.StartAsync();

        await cluster.CreateAsync("t", assignments: [[3, 1], [2, 3]]);

        var first = await cluster.PartitionAsync("t");
        Assert.Equal([3, 1], first.Replicas);
        var second = await cluster.PartitionAsync("t", 1);
        Assert.Equal(2, second.Leader);
        Assert.Equal([2, 3], second.Replicas);
        Assert.Equal(3, cluster.Broker.LeaderOf("t", 0)?.Id);
    }

    [Fact]
    public async Task Manual_assignments_that_cannot_be_are_refused()
    {
        await using var cluster = await Cluster.StartAsync();
        async Task<string> Refused(params int[][] assignments)
        {
            var result = await cluster.CreateAsync("t", assignments: assignments);
            Assert.Equal(ErrorCode.InvalidReplicaAssignment, (ErrorCode)result.ErrorCode);
            return result.ErrorMessage ?? "";
        }

        Assert.Contains("broker 4", await Refused([1, 4]));
        Assert.Contains("more than once", await Refused([1, 1]));
        Assert.Contains("empty", await Refused([[]]));
        Assert.Contains("not consistent", await Refused([1, 2], [3]));
    }

    [Fact]
    public async Task New_partitions_go_on_round_robin_with_the_topics_replication_factor()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", partitions: 3, factor: 2);
        var client = await cluster.ClientAsync(1);

        await client.SendAsync(new CreatePartitionsRequest { Topics = [new() { Name = "t", Count = 6, Assignments = null }] });
        var chosen = await client.SendAsync(new CreatePartitionsRequest
        {
            Topics = [new() { Name = "t", Count = 7, Assignments = [new() { BrokerIds = [3, 1] }] }],
        });
        var wrong = await client.SendAsync(new CreatePartitionsRequest
        {
            Topics = [new() { Name = "t", Count = 8, Assignments = [new() { BrokerIds = [3] }] }],
        });

        var topic = await client.DescribeAsync("t");
        Assert.Equal(0, chosen.Results[0].ErrorCode);
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, (ErrorCode)wrong.Results[0].ErrorCode);
        Assert.Equal([3, 1], topic.Partitions[6].ReplicaNodes);
        Assert.All([1, 2, 3], node => Assert.Equal(2, topic.Partitions.Take(6).Count(p => p.LeaderId == node)));
        Assert.All(topic.Partitions, p => Assert.Equal(2, p.ReplicaNodes.Length));
    }

    [Fact]
    public async Task Placements_and_epochs_survive_a_restart()
    {
        using var directory = new TemporaryDirectory();
        var options = new EmbeddedBrokerOptions { Listen = false, Nodes = 3, Directory = directory.Path };
        await using (var cluster = await Cluster.StartAsync(options))
        {
            await cluster.CreateAsync("t", assignments: [[1, 2]]);
            await cluster.CreateAsync("u", assignments: [[3]]);
            await cluster.MoveAsync("t", 0, 2);
            await cluster.StopAsync(3);
        }

        await using (var again = await Cluster.StartAsync(options))
        {
            var moved = await again.PartitionAsync("t");
            Assert.Equal(2, moved.Leader);
            Assert.Equal([1, 2], moved.Replicas);
            Assert.Equal([1, 2], moved.Isr);
            Assert.Equal(1, await again.EpochAsync("t"));
            // It had no leader when the broker ended; now its node is back.
            Assert.Equal(3, (await again.PartitionAsync("u")).Leader);
            Assert.Equal(2, await again.EpochAsync("u"));
        }

        // Fewer nodes than the topic was made for: what is left of its replicas, or any node.
        await using var single = await Cluster.StartAsync(options with { Nodes = 1 });
        var left = await single.PartitionAsync("t");
        Assert.Equal([1], left.Replicas);
        Assert.Equal(1, (await single.PartitionAsync("u")).Leader);
    }

    [Fact]
    public void The_number_of_nodes_is_checked_with_the_ports_that_they_take()
    {
        Assert.Contains("Nodes is 0", Assert.Single(new EmbeddedBrokerOptions { Nodes = 0 }.Validate()));
        Assert.Contains("65535", Assert.Single(new EmbeddedBrokerOptions { Nodes = 3, Port = 65534 }.Validate()));
    }
}
