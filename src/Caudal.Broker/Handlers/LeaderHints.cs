using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>
/// Who really leads the partitions that a request came to the wrong node for, so that clients need not ask for metadata (KIP-951).
/// </summary>
/// <remarks>Collects while one request is answered; costs nothing as long as nothing is wrong.</remarks>
/// <param name="nodes">Where the nodes are.</param>
/// <param name="context">The request that is answered.</param>
/// <param name="since">The version of its API from which on the answer can name leaders.</param>
internal struct LeaderHints(ClusterNodes nodes, RequestContext context, short since)
{
    private SortedSet<int>? _leaders;

    /// <summary>
    /// The leader of a partition; its address is told once at the end. −1 and −1 if the client's version cannot be told.
    /// </summary>
    public (int LeaderId, int LeaderEpoch) Of(Topic topic, int partition)
    {
        if (context.ApiVersion < since)
            return (-1, -1);
        var leader = topic.Placement(partition).Leader;
        if (leader >= 0)
            (_leaders ??= []).Add(leader);
        return (leader, topic.Partitions[partition].LeaderEpoch);
    }

    /// <summary>The addresses of the leaders that were named, in a Produce answer (version 10 and later).</summary>
    public readonly ProduceResponse.NodeEndpoint[] ForProduce() => _leaders is null || context.ApiVersion < 10
        ? []
        : [.. Nodes().Select(node => new ProduceResponse.NodeEndpoint
        {
            NodeId = node.Id,
            Host = node.Endpoint.Host,
            Port = node.Endpoint.Port,
            Rack = node.Rack,
        })];

    /// <summary>The addresses of the leaders that were named, in a Fetch answer (version 16 and later).</summary>
    public readonly FetchResponse.NodeEndpoint[] ForFetch() => _leaders is null || context.ApiVersion < 16
        ? []
        : [.. Nodes().Select(node => new FetchResponse.NodeEndpoint
        {
            NodeId = node.Id,
            Host = node.Endpoint.Host,
            Port = node.Endpoint.Port,
            Rack = node.Rack,
        })];

    private readonly IEnumerable<ClusterNode> Nodes()
    {
        foreach (var id in _leaders!)
        {
            if (nodes.TryGet(id, out var node))
                yield return node;
        }
    }
}
