using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Nodes;

/// <summary>A broker that poses as several, with a connection to each, and what tests ask of it most.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly Dictionary<int, TestClient> _clients = [];

    private Cluster(EmbeddedBroker broker) => Broker = broker;

    public EmbeddedBroker Broker { get; }

    public static async Task<Cluster> StartAsync(int nodes = 3, params string[] config) => await StartAsync(new EmbeddedBrokerOptions
    {
        Listen = false,
        Nodes = nodes,
        Config = config.Select(c => c.Split('=', 2)).ToDictionary(c => c[0], c => c[1]),
    });

    public static async Task<Cluster> StartAsync(EmbeddedBrokerOptions options) => new(await Brokers.StartAsync(options));

    public BrokerNode Node(int id) => Broker.Nodes.Single(node => node.Id == id);

    /// <summary>A connection to a node, opened when it is first asked for, and again after the node was stopped.</summary>
    public async Task<TestClient> ClientAsync(int node)
    {
        if (!_clients.TryGetValue(node, out var client))
            _clients[node] = client = await TestClient.ConnectAsync(Broker, Node(node));
        return client;
    }

    public async Task StopAsync(int node)
    {
        await Node(node).StopAsync(TestContext.Current.CancellationToken);
        if (_clients.Remove(node, out var client))
            await client.DisposeAsync();
    }

    public Task StartNodeAsync(int node) => Node(node).StartAsync(TestContext.Current.CancellationToken);

    public Task MoveAsync(string topic, int partition, int node) =>
        Broker.MoveLeaderAsync(topic, partition, node, TestContext.Current.CancellationToken);

    /// <summary>Creates a topic through a node.</summary>
    public async Task<CreateTopicsResponse.CreatableTopicResult> CreateAsync(
        string name, int partitions = 1, short factor = 1, int through = 1, int[][]? assignments = null, params string[] configs)
    {
        var topic = new CreateTopicsRequest.CreatableTopic
        {
            Name = name,
            NumPartitions = assignments is null ? partitions : -1,
            ReplicationFactor = assignments is null ? factor : (short)-1,
            Assignments = [.. (assignments ?? []).Select((ids, i) => new CreateTopicsRequest.CreatableReplicaAssignment
            {
                PartitionIndex = i,
                BrokerIds = ids,
            })],
            Configs = Brokers.TopicConfigs(configs),
        };
        var client = await ClientAsync(through);
        return (await client.SendAsync(new CreateTopicsRequest { Topics = [topic] })).Topics[0];
    }

    /// <summary>What a node says about a partition: leader, replicas, in sync, offline.</summary>
    public async Task<(int Leader, int[] Replicas, int[] Isr, int[] Offline)> PartitionAsync(
        string topic, int partition = 0, int through = 1)
    {
        var described = (await (await ClientAsync(through)).DescribeAsync(topic)).Partitions[partition];
        return (described.LeaderId, described.ReplicaNodes, described.IsrNodes, described.OfflineReplicas);
    }

    public async Task<int> EpochAsync(string topic, int partition = 0, int through = 1) =>
        (await (await ClientAsync(through)).DescribeAsync(topic)).Partitions[partition].LeaderEpoch;

    /// <summary>Produces one value through a node and returns the error.</summary>
    public async Task<ErrorCode> ProduceAsync(int through, string topic, string value = "v", int partition = 0, short acks = -1) =>
        (ErrorCode)(await (await ClientAsync(through)).ProduceAsync(topic, Batches.Of(value), partition, acks)).ErrorCode;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
            await client.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
