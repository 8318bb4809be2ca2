using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;

namespace Caudal.Broker.Fetching;

/// <summary>
/// Sends consumers that say where they stand to a replica in their rack (KIP-392), if <c>replica.selector.class</c> asks for it. The node
/// that a consumer was sent to gives records though it does not lead, as every replica does to consumers of version 11 and later.
/// </summary>
/// <remarks>Thread safe. All nodes read the same log, so that every replica is as far as the leader.</remarks>
internal sealed class ReplicaSelector(ClusterNodes nodes, ConfigStore configs)
{
    /// <summary>The setting that turns the choice on.</summary>
    public const string Setting = "replica.selector.class";

    /// <summary>What the setting may be, besides nothing: the choice by racks.</summary>
    public const string RackAware = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

    /// <summary>What it may be too: everybody reads from the leader.</summary>
    public const string Leader = "org.apache.kafka.common.replica.LeaderSelector";

    private readonly bool _isRackAware = configs.Get(Setting) == RackAware;

    /// <summary>Whether a request comes from a consumer that may be served by replicas that do not lead.</summary>
    public static bool ServesFollowers(RequestContext context) => context.ApiVersion >= 11;

    /// <summary>The node that a consumer in a rack had better read from; −1 to stay.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">A partition that the node which received the request may be read at.</param>
    /// <param name="rack">Where the consumer stands; empty or null if it does not say.</param>
    /// <param name="context">The request.</param>
    public int Preferred(Topic topic, int partition, string? rack, RequestContext context)
    {
        if (!_isRackAware || string.IsNullOrEmpty(rack))
            return -1;
        // Only the leader sends away, and not from its own rack.
        var placement = topic.Placement(partition);
        if (placement.Leader != context.NodeId || RackOf(placement.Leader) == rack)
            return -1;
        var index = Array.FindIndex(placement.Isr, id => RackOf(id) == rack);
        return index < 0 ? -1 : placement.Isr[index];
    }

    private string? RackOf(int id) => nodes.TryGet(id, out var node) ? node.Rack : null;
}
