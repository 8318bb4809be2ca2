namespace Caudal.Broker.Nodes;

/// <summary>Where a partition lives: which node leads it, since which epoch, and which others hold it. Immutable.</summary>
/// <param name="Leader">The node that leads; −1 while none of the replicas is up.</param>
/// <param name="LeaderEpoch">How often the leader has changed; the log's own epoch may be higher after a crash.</param>
/// <param name="Replicas">The nodes that hold the partition, the preferred leader first.</param>
/// <param name="Isr">
/// Those of them that are up. Of a partition without a leader, the last that was: as in Kafka the list never gets empty.
/// </param>
internal sealed record PartitionPlacement(int Leader, int LeaderEpoch, int[] Replicas, int[] Isr)
{
    /// <summary>What <see cref="Leader"/> is when there is none.</summary>
    public const int NoLeader = -1;

    /// <summary>A new partition on the given nodes.</summary>
    public static PartitionPlacement On(int[] replicas, ClusterNodes nodes)
    {
        var isr = Array.FindAll(replicas, nodes.IsLive);
        return isr.Length > 0 ? new(isr[0], 0, replicas, isr) : new(NoLeader, 0, replicas, [replicas[0]]);
    }

    /// <summary>The same partition after nodes came or went; itself if that changes nothing.</summary>
    public PartitionPlacement Under(ClusterNodes nodes)
    {
        var live = Array.FindAll(Replicas, nodes.IsLive);
        if (live.Length == 0)
            return Leader == NoLeader ? this : this with { Leader = NoLeader, LeaderEpoch = LeaderEpoch + 1, Isr = [Leader] };
        if (Array.IndexOf(live, Leader) < 0)
            return this with { Leader = live[0], LeaderEpoch = LeaderEpoch + 1, Isr = live };
        return live.AsSpan().SequenceEqual(Isr) ? this : this with { Isr = live };
    }

    /// <summary>The same partition under another leader; itself if that one leads already.</summary>
    public PartitionPlacement LedBy(int leader) => leader == Leader ? this : this with { Leader = leader, LeaderEpoch = LeaderEpoch + 1 };

    /// <summary>The same partition on other nodes.</summary>
    public PartitionPlacement MovedTo(int[] replicas, ClusterNodes nodes) => (this with { Replicas = replicas, Isr = [] }).Under(nodes);
}
