namespace Caudal.Broker.Nodes;

/// <summary>Chooses the nodes of new partitions round robin, and checks those that clients choose.</summary>
/// <remarks>
/// A topic's partitions begin on consecutive nodes, and each topic begins one node after the last, so that leaders are spread over many
/// small topics too (Kafka begins at random). Nodes that were stopped come last and never lead.
/// </remarks>
internal sealed class ReplicaPlacer(ClusterNodes nodes)
{
    private int _next;

    /// <summary>Checks a replication factor.</summary>
    /// <returns>What is wrong with it, in Kafka's words; null if nothing is.</returns>
    public string? Fault(int factor) =>
        factor < 1 ? "Replication factor must be larger than 0, or -1 to use the default value."
        : factor <= nodes.Count ? null
        : $"Unable to replicate the partition {factor} time(s): The target replication factor of {factor} cannot be reached "
            + $"because only {nodes.Count} broker(s) are registered or some brokers have all their log directories cordoned.";

    /// <summary>Checks the nodes that a client chose for a topic's partitions.</summary>
    /// <param name="assignments">The nodes of each partition.</param>
    /// <param name="factor">How many nodes each must have; null for as many as the first has.</param>
    /// <returns>What is wrong with them, in Kafka's words; null if nothing is.</returns>
    public string? Fault(IReadOnlyList<int[]> assignments, int? factor = null)
    {
        foreach (var replicas in assignments)
        {
            if (replicas.Length == 0)
                return "The manual partition assignment includes an empty replica list.";
            foreach (var id in replicas)
            {
                if (!nodes.TryGet(id, out _))
                    return $"The manual partition assignment includes broker {id}, but no such broker is registered.";
                if (replicas.Count(other => other == id) > 1)
                    return $"The manual partition assignment includes the broker {id} more than once.";
            }

            if (replicas.Length != (factor ??= replicas.Length))
            {
                return $"The manual partition assignment includes a partition with {replicas.Length} replica(s), but this is not "
                    + $"consistent with previous partitions, which have {factor} replica(s).";
            }

            if (!replicas.Any(nodes.IsLive))
                return "All brokers specified in the manual partition assignment are fenced or in controlled shutdown.";
        }

        return null;
    }

    /// <summary>Chooses the nodes of a new topic's partitions.</summary>
    /// <param name="partitions">How many partitions.</param>
    /// <param name="factor">How many nodes each; more than there are become all of them.</param>
    public PartitionPlacement[] Place(int partitions, int factor) => Place(Interlocked.Increment(ref _next) - 1, partitions, factor);

    /// <summary>Chooses the nodes of partitions that a topic gets besides those it has.</summary>
    public PartitionPlacement[] PlaceAfter(PartitionPlacement[] present, int partitions)
    {
        var first = nodes.TryGet(present[0].Replicas[0], out var node) ? node.Id - nodes.All[0].Id : 0;
        return Place(first + present.Length, partitions, present[0].Replicas.Length);
    }

    /// <summary>Takes the nodes that a client chose.</summary>
    public PartitionPlacement[] Take(IReadOnlyList<int[]> assignments) =>
        [.. assignments.Select(replicas => PartitionPlacement.On(replicas, nodes))];

    /// <summary>
    /// Fits placements that another run wrote down to the nodes of this one: ids that are gone are left out, all nodes are up, and a
    /// partition that is left without any gets one.
    /// </summary>
    public PartitionPlacement[] Adapt(PartitionPlacement[] stored) => [.. stored.Select((placement, partition) =>
    {
        var replicas = Array.FindAll(placement.Replicas, id => nodes.TryGet(id, out _));
        if (replicas.Length == 0)
            replicas = [nodes.All[partition % nodes.Count].Id];
        return placement.MovedTo(replicas, nodes);
    })];

    private PartitionPlacement[] Place(int start, int partitions, int factor)
    {
        var placed = new PartitionPlacement[partitions];
        for (var partition = 0; partition < partitions; partition++)
        {
            var order = Enumerable.Range(0, nodes.Count).Select(i => nodes.All[(int)((uint)(start + partition + i) % (uint)nodes.Count)]);
            var replicas = order.OrderBy(node => node.IsLive ? 0 : 1).Take(factor).Select(node => node.Id);
            placed[partition] = PartitionPlacement.On([.. replicas], nodes);
        }

        return placed;
    }
}
