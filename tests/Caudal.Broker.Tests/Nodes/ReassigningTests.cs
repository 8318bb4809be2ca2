using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Nodes;

public class ReassigningTests
{
    [Fact]
    public async Task The_preferred_replica_is_elected_again()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[1, 2], [2, 3]]);
        await cluster.StopAsync(1);
        var early = await ElectAsync(cluster, 2, 0, "t", 0);
        await cluster.StartNodeAsync(1);

        var elected = await ElectAsync(cluster, 2, 0, "t", 0);
        var again = await ElectAsync(cluster, 2, 0, "t", 0);

        Assert.Equal(
            [ErrorCode.PreferredLeaderNotAvailable, ErrorCode.None, ErrorCode.ElectionNotNeeded], new[] { early, elected, again });
        Assert.Equal((1, 2), ((await cluster.PartitionAsync("t")).Leader, await cluster.EpochAsync("t")));
    }

    [Fact]
    public async Task Electing_everywhere_tells_what_changed_only()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[1, 2], [2, 3]]);
        await cluster.MoveAsync("t", 1, 3);

        var response = await (await cluster.ClientAsync(1)).SendAsync(new ElectLeadersRequest { TopicPartitions = null });

        var partition = Assert.Single(Assert.Single(response.ReplicaElectionResults).PartitionResult);
        Assert.Equal((1, 0), (partition.PartitionId, partition.ErrorCode));
        Assert.Equal(2, (await cluster.PartitionAsync("t", 1)).Leader);
    }

    [Fact]
    public async Task Elections_of_what_is_not_there_are_refused()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[3]]);
        await cluster.StopAsync(3);

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await ElectAsync(cluster, 1, 0, "none", 0));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await ElectAsync(cluster, 1, 0, "t", 1));
        Assert.Equal(ErrorCode.EligibleLeadersNotAvailable, await ElectAsync(cluster, 1, 1, "t", 0));
    }

    [Fact]
    public async Task A_partition_moves_to_other_nodes_at_once_and_keeps_its_records()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[1]]);
        await cluster.ProduceAsync(1, "t", "kept");

        var moved = await ReassignAsync(cluster, "t", [3, 2]);
        var stays = await ReassignAsync(cluster, "t", [2, 3]);

        Assert.Equal((ErrorCode.None, ErrorCode.None), (moved, stays));
        var partition = await cluster.PartitionAsync("t");
        Assert.Equal(3, partition.Leader);
        Assert.Equal([2, 3], partition.Replicas);
        Assert.Equal([2, 3], partition.Isr);
        Assert.Equal(1, await cluster.EpochAsync("t"));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, await cluster.ProduceAsync(1, "t"));
        Assert.Equal(ErrorCode.None, await cluster.ProduceAsync(3, "t"));
        var listed = await (await cluster.ClientAsync(1)).SendAsync(new ListPartitionReassignmentsRequest { Topics = null });
        Assert.Empty(listed.Topics);
    }

    [Fact]
    public async Task Reassignments_that_cannot_be_are_refused()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[1, 2]]);

        Assert.Equal(ErrorCode.InvalidReplicaAssignment, await ReassignAsync(cluster, "t", [4]));
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, await ReassignAsync(cluster, "t", []));
        Assert.Equal(ErrorCode.NoReassignmentInProgress, await ReassignAsync(cluster, "t", null));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await ReassignAsync(cluster, "none", [1]));
        Assert.Equal(ErrorCode.InvalidReplicationFactor, await ReassignAsync(cluster, "t", [1], mayChange: false));
        Assert.Equal(ErrorCode.None, await ReassignAsync(cluster, "t", [1]));
    }

    private static async Task<ErrorCode> ElectAsync(Cluster cluster, int through, sbyte type, string topic, int partition)
    {
        var response = await (await cluster.ClientAsync(through)).SendAsync(new ElectLeadersRequest
        {
            ElectionType = type,
            TopicPartitions = [new() { Topic = topic, Partitions = [partition] }],
        });
        return (ErrorCode)response.ReplicaElectionResults[0].PartitionResult[0].ErrorCode;
    }

    private static async Task<ErrorCode> ReassignAsync(Cluster cluster, string topic, int[]? replicas, bool mayChange = true)
    {
        var response = await (await cluster.ClientAsync(1)).SendAsync(new AlterPartitionReassignmentsRequest
        {
            AllowReplicationFactorChange = mayChange,
            Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = 0, Replicas = replicas }] }],
        });
        return (ErrorCode)response.Responses[0].Partitions[0].ErrorCode;
    }
}
