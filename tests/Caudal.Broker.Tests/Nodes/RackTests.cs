using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using PartitionData = Caudal.Protocol.Messages.FetchResponse.PartitionData;

namespace Caudal.Broker.Tests.Nodes;

public class RackTests
{
    private static readonly EmbeddedBrokerOptions RackAware = new()
    {
        Listen = false,
        Nodes = 3,
        Racks = ["a", "b", "c"],
        Config = new Dictionary<string, string>
        {
            ["replica.selector.class"] = "org.apache.kafka.common.replica.RackAwareReplicaSelector",
        },
    };

    [Fact]
    public async Task The_leader_sends_a_consumer_to_the_replica_in_its_rack_which_serves_it()
    {
        await using var cluster = await Cluster.StartAsync(RackAware);
        await cluster.CreateAsync("t", assignments: [[1, 2]]);
        await cluster.ProduceAsync(1, "t", "near");

        var sent = await FetchAsync(cluster, 1, "b");
        var served = await FetchAsync(cluster, sent.PreferredReadReplica, "b");

        Assert.Equal((2, ErrorCode.None, 1L), (sent.PreferredReadReplica, (ErrorCode)sent.ErrorCode, sent.HighWatermark));
        Assert.Equal(0, sent.Records!.Value.Length);
        Assert.Equal(-1, served.PreferredReadReplica);
        Assert.Equal([(0L, "near")], Batches.Read(served.Records));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("c")]
    [InlineData("elsewhere")]
    [InlineData("")]
    public async Task A_consumer_stays_with_the_leader_if_no_replica_is_nearer(string rack)
    {
        await using var cluster = await Cluster.StartAsync(RackAware);
        await cluster.CreateAsync("t", assignments: [[1, 2]]);
        await cluster.ProduceAsync(1, "t", "here");

        var read = await FetchAsync(cluster, 1, rack);

        Assert.Equal(-1, read.PreferredReadReplica);
        Assert.Equal([(0L, "here")], Batches.Read(read.Records));
    }

    [Fact]
    public async Task A_replica_that_is_down_is_not_preferred()
    {
        await using var cluster = await Cluster.StartAsync(RackAware);
        await cluster.CreateAsync("t", assignments: [[1, 2]]);
        await cluster.StopAsync(2);

        Assert.Equal(-1, (await FetchAsync(cluster, 1, "b")).PreferredReadReplica);
    }

    [Fact]
    public async Task A_consumer_that_waits_at_the_leader_is_sent_away_at_once()
    {
        await using var cluster = await Cluster.StartAsync(RackAware);
        await cluster.CreateAsync("t", assignments: [[1, 2]]);

        Assert.Equal(2, (await FetchAsync(cluster, 1, "b", maxWaitMs: int.MaxValue)).PreferredReadReplica);
    }

    [Fact]
    public async Task Without_the_setting_everybody_reads_where_they_ask()
    {
        await using var cluster = await Cluster.StartAsync(RackAware with { Config = new Dictionary<string, string>() });
        await cluster.CreateAsync("t", assignments: [[1, 2]]);
        await cluster.ProduceAsync(1, "t", "v");

        Assert.Equal([(0L, "v")], Batches.Read((await FetchAsync(cluster, 1, "b")).Records));
        Assert.Equal([(0L, "v")], Batches.Read((await FetchAsync(cluster, 2, "b")).Records));
    }

    [Fact]
    public async Task Each_node_tells_its_own_rack_and_id()
    {
        await using var cluster = await Cluster.StartAsync(RackAware);

        var metadata = await (await cluster.ClientAsync(1)).SendAsync(new MetadataRequest { Topics = [] });
        var described = await (await cluster.ClientAsync(3)).SendAsync(new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = 4, ResourceName = "3", ConfigurationKeys = ["broker.rack", "node.id"] }],
        });

        Assert.Equal(["a", "b", "c"], metadata.Brokers.OrderBy(b => b.NodeId).Select(b => b.Rack));
        Assert.Equal(
            [("broker.rack", "c"), ("node.id", "3")], described.Results[0].Configs.Select(c => (c.Name, c.Value)).Order());
    }

    [Fact]
    public void Racks_are_given_for_all_nodes_or_none()
    {
        Assert.Contains("2 names for 3 nodes", Assert.Single((RackAware with { Racks = ["a", "b"] }).Validate()));
        Assert.Contains("blank name", Assert.Single((RackAware with { Racks = ["a", " ", "c"] }).Validate()));
        Assert.Empty((RackAware with { Racks = [] }).Validate());
    }

    private static async Task<PartitionData> FetchAsync(Cluster cluster, int node, string rack, int maxWaitMs = 0)
    {
        var request = Brokers.Fetch("t", 0, maxWaitMs: maxWaitMs);
        request.RackId = rack;
        return (await (await cluster.ClientAsync(node)).SendAsync(request, 12)).Responses[0].Partitions[0];
    }
}
