using Caudal.Broker.Nodes;

namespace Caudal.Broker;

/// <summary>
/// One of the brokers that an <see cref="EmbeddedBroker"/> poses as, for testing what clients do when brokers fail: it can be stopped,
/// started again, and made to hang.
/// </summary>
/// <remarks>
/// The nodes share one set of logs, so nothing is lost and nothing has to catch up: a node that comes back is in sync at once. Thread safe;
/// changes happen one after the other.
/// </remarks>
/// <example><code>
/// await using var broker = await EmbeddedBroker.StartAsync(new() { Nodes = 3 });
/// await broker.Nodes[0].StopAsync();   // Clients find the new leaders.
/// await broker.Nodes[0].StartAsync();  // At its old address.
/// </code></example>
public sealed class BrokerNode
{
    private readonly EmbeddedBroker _broker;
    private readonly ClusterNode _node;

    internal BrokerNode(EmbeddedBroker broker, ClusterNode node)
    {
        _broker = broker;
        _node = node;
    }

    /// <summary>Its id in the cluster: <c>node.id</c>, the next number, and so on.</summary>
    public int Id => _node.Id;

    /// <summary>The host that clients are told to connect to.</summary>
    public string Host => _node.Endpoint.Host;

    /// <summary>The port that clients are told to connect to; it stays the same over a stop.</summary>
    public int Port => _node.Endpoint.Port;

    /// <summary>Whether it takes part in the cluster.</summary>
    public BrokerNodeState State =>
        !_node.IsLive ? BrokerNodeState.Stopped : _node.IsPaused ? BrokerNodeState.Paused : BrokerNodeState.Running;

    /// <summary>How many partitions it leads now, the broker's own topics included.</summary>
    public int LedPartitions => _broker.CountLed(_node.Id);

    internal ClusterNode Node => _node;

    /// <summary>
    /// Stops the node as a broker that is shut down: its connections are closed and its port freed; the partitions that it leads move to
    /// their next live replica under a new leader epoch, coordinators with them. Without one they have no leader until it comes back.
    /// </summary>
    /// <remarks>Nothing happens if it is stopped. The last node can be stopped too; then nobody answers.</remarks>
    /// <param name="cancellationToken">Gives up waiting for other changes to end.</param>
    /// <exception cref="ObjectDisposedException">The broker was stopped.</exception>
    public Task StopAsync(CancellationToken cancellationToken = default) => _broker.StopNodeAsync(_node, cancellationToken);

    /// <summary>
    /// Starts the node again, at its old address. Its replicas are in sync at once; it leads only what had no leader.
    /// </summary>
    /// <remarks>Nothing happens if it is not stopped.</remarks>
    /// <param name="cancellationToken">Gives up waiting for other changes to end.</param>
    /// <exception cref="Transport.ConnectionException">The port was taken meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The broker was stopped.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _broker.StartNodeAsync(_node, cancellationToken);

    /// <summary>
    /// Makes the node hang: connections stay open and new ones are accepted, but nothing is answered until <see cref="ResumeAsync"/>. It
    /// keeps its partitions.
    /// </summary>
    /// <exception cref="InvalidOperationException">The node is stopped.</exception>
    /// <exception cref="ObjectDisposedException">The broker was stopped.</exception>
    public Task PauseAsync(CancellationToken cancellationToken = default) => _broker.PauseNodeAsync(_node, cancellationToken);

    /// <summary>Lets a node that hangs go on: what came meanwhile is served, in order. Nothing happens if it is not paused.</summary>
    public Task ResumeAsync()
    {
        _node.Resume();
        return Task.CompletedTask;
    }
}
