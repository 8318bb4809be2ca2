using Caudal.Broker.Groups;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Nodes;

public class CoordinatorsTests
{
    private const string Offsets = "__consumer_offsets";

    [Fact]
    public async Task A_group_is_coordinated_by_the_leader_of_its_partition_whoever_is_asked()
    {
        await using var cluster = await Cluster.StartAsync();
        foreach (var group in new[] { "a", "b", "c", "d" })
        {
            var found = new List<(int, int)>();
            for (var node = 1; node <= 3; node++)
                found.Add(await FindAsync(cluster, group, through: node));

            var leader = cluster.Broker.LeaderOf(Offsets, GroupCoordinator.PartitionOf(group, 3))!;
            Assert.Equal((leader.Id, leader.Port), Assert.Single(found.Distinct()));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Coordinators_of_several_keys_are_found_at_once(sbyte type)
    {
        await using var cluster = await Cluster.StartAsync();

        var response = await (await cluster.ClientAsync(1)).SendAsync(
            new FindCoordinatorRequest { KeyType = type, CoordinatorKeys = ["a", "b", "c"] });

        Assert.Equal(["a", "b", "c"], response.Coordinators.Select(c => c.Key));
        Assert.Equal(3, response.Coordinators.Select(c => c.NodeId).Distinct().Count());
        Assert.All(response.Coordinators, c => Assert.Equal(0, c.ErrorCode));
    }

    [Fact]
    public async Task Share_groups_have_no_coordinator_here()
    {
        await using var cluster = await Cluster.StartAsync(1);

        var response = await (await cluster.ClientAsync(1)).SendAsync(
            new FindCoordinatorRequest { KeyType = 2, CoordinatorKeys = ["a:AAAA:0"] });

        Assert.Equal((ErrorCode.InvalidRequest, -1), ((ErrorCode)response.Coordinators[0].ErrorCode, response.Coordinators[0].NodeId));
    }

    [Fact]
    public async Task Every_api_of_groups_is_refused_by_nodes_that_do_not_coordinate()
    {
        await using var cluster = await Cluster.StartAsync();
        var (coordinator, _) = await FindAsync(cluster, "g");
        await cluster.CreateAsync("t");
        var client = await cluster.ClientAsync(coordinator % 3 + 1);

        var join = await client.SendAsync(new JoinGroupRequest { GroupId = "g", SessionTimeoutMs = 10_000, ProtocolType = "consumer" });
        var sync = await client.SendAsync(new SyncGroupRequest { GroupId = "g", MemberId = "m" });
        var beat = await client.SendAsync(new HeartbeatRequest { GroupId = "g", MemberId = "m" });
        var leave = await client.SendAsync(new LeaveGroupRequest { GroupId = "g", Members = [new() { MemberId = "m" }] });
        var commit = await client.SendAsync(Commit(5), 8);
        var old = await client.SendAsync(new OffsetFetchRequest { GroupId = "g", Topics = null }, 7);
        var fetch = await client.SendAsync(new OffsetFetchRequest { Groups = [new() { GroupId = "g" }] }, 8);
        var describe = await client.SendAsync(new DescribeGroupsRequest { Groups = ["g"] });
        var delete = await client.SendAsync(new DeleteGroupsRequest { GroupsNames = ["g"] });

        short[] errors =
        [
            join.ErrorCode, sync.ErrorCode, beat.ErrorCode, leave.ErrorCode, commit.Topics[0].Partitions[0].ErrorCode, old.ErrorCode,
            fetch.Groups[0].ErrorCode, describe.Groups[0].ErrorCode, delete.Results[0].ErrorCode,
        ];
        Assert.All(errors, error => Assert.Equal(ErrorCode.NotCoordinator, (ErrorCode)error));
    }

    [Fact]
    public async Task A_coordinator_moves_with_its_partition_and_takes_the_offsets_along()
    {
        await using var cluster = await Cluster.StartAsync();
        var (first, _) = await FindAsync(cluster, "g");
        await cluster.CreateAsync("t", assignments: [[1, 2, 3]]);
        await (await cluster.ClientAsync(first)).SendAsync(Commit(42), 8);

        await cluster.StopAsync(first);

        var through = first % 3 + 1;
        var (second, _) = await FindAsync(cluster, "g", through);
        Assert.NotEqual(first, second);
        var fetched = await (await cluster.ClientAsync(second)).SendAsync(new OffsetFetchRequest { GroupId = "g", Topics = null }, 7);
        Assert.Equal(42, fetched.Topics[0].Partitions[0].CommittedOffset);
        var listed = await (await cluster.ClientAsync(second)).SendAsync(new ListGroupsRequest());
        Assert.Equal("g", Assert.Single(listed.Groups).GroupId);
    }

    [Fact]
    public async Task Members_that_wait_are_sent_to_the_new_coordinator()
    {
        await using var cluster = await Cluster.StartAsync();
        var (first, _) = await FindAsync(cluster, "g");
        var client = await cluster.ClientAsync(first);
        var join = new JoinGroupRequest
        {
            GroupId = "g",
            SessionTimeoutMs = 10_000,
            RebalanceTimeoutMs = 60_000,
            ProtocolType = "consumer",
            Protocols = [new() { Name = "range" }],
        };
        var alone = await client.SendAsync(join, 3);
        await using var second = await TestClient.ConnectAsync(cluster.Broker, cluster.Node(first));
        // Waits for the first member to join again, which it does not.
        await second.PostAsync(join, 3);
        await WaitForStateAsync(client, "PreparingRebalance");

        await cluster.MoveAsync(Offsets, GroupCoordinator.PartitionOf("g", 3), first % 3 + 1);

        var sentAway = await second.ReceiveAsync<JoinGroupRequest, JoinGroupResponse>(3);
        Assert.Equal(ErrorCode.None, (ErrorCode)alone.ErrorCode);
        Assert.Equal(ErrorCode.NotCoordinator, (ErrorCode)sentAway.ErrorCode);
    }

    [Fact]
    public async Task Nobody_coordinates_while_all_replicas_are_stopped()
    {
        await using var cluster = await Cluster.StartAsync(2, "offsets.topic.replication.factor=1", "offsets.topic.num.partitions=2");
        var (first, _) = await FindAsync(cluster, "g");
        await cluster.StopAsync(first);

        var client = await cluster.ClientAsync(3 - first);
        var lost = await client.SendAsync(new FindCoordinatorRequest { Key = "g" }, 3);
        await cluster.StartNodeAsync(first);

        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (ErrorCode)lost.ErrorCode);
        Assert.Equal(first, (await FindAsync(cluster, "g", 3 - first)).Node);
    }

    private static OffsetCommitRequest Commit(long offset) => new()
    {
        GroupId = "g",
        Topics = [new() { Name = "t", Partitions = [new() { CommittedOffset = offset }] }],
    };

    private static async Task<(int Node, int Port)> FindAsync(Cluster cluster, string group, int through = 1)
    {
        var found = await (await cluster.ClientAsync(through)).SendAsync(new FindCoordinatorRequest { Key = group }, 3);
        Assert.Equal(ErrorCode.None, (ErrorCode)found.ErrorCode);
        return (found.NodeId, found.Port);
    }

    private static async Task WaitForStateAsync(TestClient client, string state)
    {
        while ((await client.SendAsync(new DescribeGroupsRequest { Groups = ["g"] })).Groups[0].GroupState != state)
            await Task.Yield();
    }
}
