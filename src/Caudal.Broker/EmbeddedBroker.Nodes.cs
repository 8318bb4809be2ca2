using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Transport;

namespace Caudal.Broker;

/// <content>The virtual nodes: their listeners, and who leads what.</content>
public sealed partial class EmbeddedBroker
{
    private readonly SemaphoreSlim _changing = new(1, 1);

    // Guarded by the semaphore, but for the stop of the broker, which takes it too.
    private readonly Dictionary<int, List<BrokerListener>> _listenersOf = [];

    /// <summary>The brokers that this one poses as, by their ids; one unless <see cref="EmbeddedBrokerOptions.Nodes"/> says more.</summary>
    public IReadOnlyList<BrokerNode> Nodes { get; }

    /// <summary>The node that leads a partition now.</summary>
    /// <returns>The node; null if the partition has no leader.</returns>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    public BrokerNode? LeaderOf(string topic, int partition)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var leader = _core.PlacementOf(topic, partition).Leader;
        return Nodes.FirstOrDefault(node => node.Id == leader);
    }

    /// <summary>Makes a node the leader of a partition, under a new leader epoch, as clients see it when a broker is restarted.</summary>
    /// <param name="topic">The topic's name. For <c>__consumer_offsets</c> and <c>__transaction_state</c> a coordinator moves.</param>
    /// <param name="partition">The partition's number.</param>
    /// <param name="nodeId">The id of one of its replicas.</param>
    /// <param name="cancellationToken">Gives up waiting for other changes to end.</param>
    /// <exception cref="ArgumentException">There is no such partition, or the node holds no replica of it.</exception>
    /// <exception cref="InvalidOperationException">The node is stopped.</exception>
    public async Task MoveLeaderAsync(string topic, int partition, int nodeId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        await ChangeAsync(() => _core.MoveLeaderAsync(topic, partition, nodeId), cancellationToken).ConfigureAwait(false);
    }

    internal int CountLed(int nodeId) => _core.CountLed(nodeId);

    internal Task StopNodeAsync(ClusterNode node, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            if (!node.IsLive)
                return;
            node.IsLive = false;
            // New leaders first: clients whose connections are cut find them at once.
            await _core.OnNodesChangedAsync().ConfigureAwait(false);
            await StopListeningAsync(node).ConfigureAwait(false);
            node.Resume();
            Log.NodeStopped(_logger, node.Id);
        },
        cancellationToken);

    internal Task StartNodeAsync(ClusterNode node, CancellationToken cancellationToken) => ChangeAsync(
        async () =>
        {
            if (node.IsLive)
                return;
            var socket = _options.Listen ? SocketListener.Listen(_options.Host, _boundPorts[node.Id], _socketOptions) : null;
            var listeners = Listen(node, socket);
            node.IsLive = true;
            await _core.OnNodesChangedAsync().ConfigureAwait(false);
            listeners.ForEach(listener => listener.Start());
            Log.NodeStarted(_logger, node.Id, node.Endpoint.Host, node.Endpoint.Port);
        },
        cancellationToken);

    internal Task PauseNodeAsync(ClusterNode node, CancellationToken cancellationToken) => ChangeAsync(
        () =>
        {
            if (!node.IsLive)
                throw new InvalidOperationException($"Node {node.Id} cannot be paused: it is stopped. Start it first.");
            node.Pause();
            return ValueTask.CompletedTask;
        },
        cancellationToken);

    private async Task ChangeAsync(Func<ValueTask> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_stopped is not null, this);
            await change().ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private List<BrokerListener> Listen(ClusterNode node, SocketListener? socket)
    {
        var memory = _network.Listen(node.Endpoint.Host, node.Endpoint.Port);
        node.Endpoint = node.Endpoint with { Port = memory.Port };
        var listeners = new List<BrokerListener>();
        foreach (var listener in socket is null ? [memory] : new IConnectionListener[] { socket, memory })
            listeners.Add(new BrokerListener(listener, node, _core.Dispatcher, _core.Meter, _limits, _options.TimeProvider, _logger));
        _listenersOf[node.Id] = listeners;
        return listeners;
    }

    private async Task StopListeningAsync(ClusterNode node)
    {
        if (_listenersOf.Remove(node.Id, out var listeners))
            await Task.WhenAll(listeners.Select(listener => listener.DisposeAsync().AsTask())).ConfigureAwait(false);
    }
}
