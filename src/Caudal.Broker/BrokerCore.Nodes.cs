using Caudal.Broker.Handlers;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;

namespace Caudal.Broker;

/// <content>Who leads which partition.</content>
internal sealed partial class BrokerCore
{
    /// <summary>Takes in that nodes were stopped or started.</summary>
    public ValueTask OnNodesChangedAsync() => _topics.OnNodesChangedAsync();

    /// <summary>How many partitions a node leads.</summary>
    public int CountLed(int nodeId) => _topics.All.Sum(topic => topic.Placements.Count(placement => placement.Leader == nodeId));

    /// <summary>Where a partition lives.</summary>
    /// <exception cref="ArgumentException">There is no such partition.</exception>
    public PartitionPlacement PlacementOf(string topic, int partition) => Find(topic, partition).Placement(partition);

    /// <summary>Makes a node the leader of a partition.</summary>
    /// <exception cref="ArgumentException">There is no such partition, or the node holds no replica of it.</exception>
    /// <exception cref="InvalidOperationException">The node is stopped.</exception>
    public ValueTask MoveLeaderAsync(string topic, int partition, int nodeId)
    {
        var found = Find(topic, partition);
        var replicas = found.Placement(partition).Replicas;
        if (Array.IndexOf(replicas, nodeId) < 0)
        {
            throw new ArgumentException(
                $"Node {nodeId} cannot lead {topic}-{partition}: its replicas are on {string.Join(", ", replicas)}. "
                + "Choose one of these, or reassign the partition first.",
                nameof(nodeId));
        }

        if (!Nodes.IsLive(nodeId))
            throw new InvalidOperationException($"Node {nodeId} cannot lead {topic}-{partition}: it is stopped. Start it first.");
        return _topics.PlaceAsync(() => [found], (_, number, present) => number == partition ? present.LedBy(nodeId) : present);
    }

    private List<RequestHandler> MakeNodeHandlers() =>
        [new ElectLeadersHandler(Nodes, _topics), new AlterPartitionReassignmentsHandler(Nodes, _topics)];

    private Topic Find(string topic, int partition) =>
        _topics.TryGet(topic, out var found) && found.Partition(partition) is not null
            ? found
            : throw new ArgumentException($"There is no partition {topic}-{partition}.", nameof(topic));
}
