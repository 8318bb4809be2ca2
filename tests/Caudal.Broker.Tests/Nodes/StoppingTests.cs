using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Broker.Tests.Nodes;

public class StoppingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leaders_of_a_stopped_node_move_to_live_replicas_and_nothing_is_lost()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[1, 2, 3]]);
        await cluster.ProduceAsync(1, "t", "before");

        await cluster.StopAsync(1);

        var partition = await cluster.PartitionAsync("t", through: 2);
        Assert.Equal(2, partition.Leader);
        Assert.Equal([2, 3], partition.Isr);
        Assert.Equal([1], partition.Offline);
        Assert.Equal(1, await cluster.EpochAsync("t", through: 2));
        Assert.Equal(ErrorCode.None, await cluster.ProduceAsync(2, "t", "after"));
        var read = await (await cluster.ClientAsync(2)).FetchAsync("t", 0);
        Assert.Equal(["before", "after"], Batches.Read(read.Records).Select(r => r.Value));
        Assert.Equal(BrokerNodeState.Stopped, cluster.Node(1).State);
    }

    [Fact]
    public async Task A_stopped_node_is_reached_by_nobody_and_named_by_nobody()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var client = await TestClient.ConnectAsync(cluster.Broker, cluster.Node(1));

        await cluster.StopAsync(1);

        Assert.True(await client.IsClosedAsync());
        await Assert.ThrowsAsync<ConnectionException>(() => TestClient.ConnectAsync(cluster.Broker, cluster.Node(1)));
        var other = await cluster.ClientAsync(2);
        var metadata = await other.SendAsync(new MetadataRequest { Topics = [] });
        var fenced = await other.SendAsync(new DescribeClusterRequest { IncludeFencedBrokers = true });
        Assert.Equal([2, 3], metadata.Brokers.Select(b => b.NodeId));
        Assert.Equal(2, metadata.ControllerId);
        Assert.Equal([(1, true), (2, false), (3, false)], fenced.Brokers.Select(b => (b.BrokerId, b.IsFenced)));
    }

    [Fact]
    public async Task A_node_that_comes_back_is_in_sync_at_its_old_address_and_leads_nothing_that_others_lead()
    {
        await using var cluster = await Cluster.StartAsync(new EmbeddedBrokerOptions { Nodes = 3 });
        await cluster.CreateAsync("t", assignments: [[1, 2]]);
        var port = cluster.Node(1).Port;
        await cluster.StopAsync(1);

        await cluster.StartNodeAsync(1);

        Assert.Equal(port, cluster.Node(1).Port);
        var partition = await cluster.PartitionAsync("t", through: 1);
        Assert.Equal(2, partition.Leader);
        Assert.Equal([1, 2], partition.Isr);
        Assert.Empty(partition.Offline);
        await using var client = await TestClient.ConnectBySocketAsync(cluster.Broker);
        Assert.Equal(3, (await client.SendAsync(new MetadataRequest { Topics = [] })).Brokers.Length);
    }

    [Fact]
    public async Task A_partition_without_a_live_replica_has_no_leader_until_one_comes_back()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[1]]);
        await cluster.ProduceAsync(1, "t", "kept");

        await cluster.StopAsync(1);
        var offline = (await (await cluster.ClientAsync(2)).DescribeAsync("t")).Partitions[0];
        var refused = await cluster.ProduceAsync(2, "t");
        await cluster.StartNodeAsync(1);

        Assert.Equal((ErrorCode.LeaderNotAvailable, -1), ((ErrorCode)offline.ErrorCode, offline.LeaderId));
        Assert.Equal([1], offline.IsrNodes);
        Assert.Equal([1], offline.OfflineReplicas);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, refused);
        Assert.Equal((1, 2), ((await cluster.PartitionAsync("t")).Leader, await cluster.EpochAsync("t")));
        Assert.Equal([(0L, "kept")], Batches.Read((await (await cluster.ClientAsync(1)).FetchAsync("t", 0)).Records));
    }

    [Fact]
    public async Task Acks_all_needs_as_many_replicas_in_sync_as_the_topic_says()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[1, 2, 3]], configs: "min.insync.replicas=2");
        await cluster.StopAsync(2);
        var enough = await cluster.ProduceAsync(1, "t");
        await cluster.StopAsync(3);

        Assert.Equal(ErrorCode.None, enough);
        Assert.Equal(ErrorCode.NotEnoughReplicas, await cluster.ProduceAsync(1, "t"));
        Assert.Equal(ErrorCode.None, await cluster.ProduceAsync(1, "t", acks: 1));
        await cluster.StartNodeAsync(3);
        Assert.Equal(ErrorCode.None, await cluster.ProduceAsync(1, "t"));
    }

    [Fact]
    public async Task New_topics_are_led_by_live_nodes()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.StopAsync(2);

        await cluster.CreateAsync("t", partitions: 6, factor: 3);

        var topic = await (await cluster.ClientAsync(1)).DescribeAsync("t");
        Assert.DoesNotContain(topic.Partitions, p => p.LeaderId == 2);
        Assert.All(topic.Partitions, p => Assert.Equal([1, 3], p.IsrNodes.Order()));
        Assert.All(topic.Partitions, p => Assert.Equal([2], p.OfflineReplicas));
    }

    [Fact]
    public async Task A_paused_node_answers_nothing_until_it_is_resumed_and_then_everything_in_order()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.CreateAsync("t", assignments: [[1]]);
        var client = await cluster.ClientAsync(1);

        await cluster.Node(1).PauseAsync(Cancel);
        await client.PostAsync(Brokers.Produce("t", Batches.Of("held")), 9);
        await client.PostAsync(new MetadataRequest { Topics = [] }, 9);
        // Another node serves meanwhile, and does not send administrators to the one that hangs.
        var other = await (await cluster.ClientAsync(2)).SendAsync(new MetadataRequest { Topics = [] });
        Assert.Equal((2, BrokerNodeState.Paused), (other.ControllerId, cluster.Node(1).State));
        Assert.Contains(other.Brokers, b => b.NodeId == 1);
        await cluster.Node(1).ResumeAsync();

        var produced = await client.ReceiveAsync<ProduceRequest, ProduceResponse>(9);
        var metadata = await client.ReceiveAsync<MetadataRequest, MetadataResponse>(9);
        Assert.Equal(0, produced.Responses[0].PartitionResponses[0].BaseOffset);
        Assert.Equal(3, metadata.Brokers.Length);
    }

    [Fact]
    public async Task A_paused_node_can_be_stopped_and_a_stopped_one_not_paused()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var client = await cluster.ClientAsync(1);
        await cluster.Node(1).PauseAsync(Cancel);
        await client.PostAsync(new MetadataRequest { Topics = [] });

        await cluster.Node(1).StopAsync(Cancel);

        Assert.True(await client.IsClosedAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Node(1).PauseAsync(Cancel));
        await cluster.StartNodeAsync(1);
        Assert.Equal(BrokerNodeState.Running, cluster.Node(1).State);
    }

    [Fact]
    public async Task The_broker_stops_with_nodes_stopped_and_paused()
    {
        var cluster = await Cluster.StartAsync();
        await cluster.StopAsync(1);
        await cluster.Node(2).PauseAsync(Cancel);
        await (await cluster.ClientAsync(2)).PostAsync(new MetadataRequest { Topics = [] });

        await cluster.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => cluster.Node(1).StartAsync(Cancel));
    }
}
