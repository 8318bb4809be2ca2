using Caudal.Broker.Nodes;
using Caudal.Protocol;

namespace Caudal.Broker.Topics;

/// <summary>Computes where a partition is to live from where it lives; the same placement for no change.</summary>
internal delegate PartitionPlacement PlacementChange(Topic topic, int partition, PartitionPlacement present);

/// <content>Which nodes lead and hold the partitions.</content>
internal sealed partial class TopicRegistry
{
    /// <summary>Called after the leader of a partition of the broker's own topics changed: coordinators move with them.</summary>
    public Action<Topic, int>? InternalLeaderChanged { get; set; }

    /// <summary>Takes in that nodes came or went: who leads, and who is in sync.</summary>
    public ValueTask OnNodesChangedAsync() => PlaceAsync(() => _byName.Values, (_, _, present) => present.Under(_nodes));

    /// <summary>Says what is wrong with the nodes that a client chose for a partition; null if nothing is.</summary>
    public string? AssignmentFault(int[] replicas) => _placer.Fault([replicas]);

    /// <summary>Changes where partitions live, all in one step, journaled before anybody sees it.</summary>
    /// <param name="among">The topics to look at; called under the gate.</param>
    /// <param name="change">Called for each of their partitions, under the gate.</param>
    /// <exception cref="IOException">The change cannot be kept on disk; nothing changed.</exception>
    public async ValueTask PlaceAsync(Func<IEnumerable<Topic>> among, PlacementChange change)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var changed = new List<(Topic Topic, PartitionPlacement[] Placements)>();
            foreach (var topic in among())
            {
                var present = topic.Placements;
                var placements = Array.ConvertAll(present, p => p);
                for (var partition = 0; partition < placements.Length; partition++)
                    placements[partition] = Change(topic, partition, present[partition], change);
                if (!placements.AsSpan().SequenceEqual(present))
                    changed.Add((topic, placements));
            }

            if (changed.Count == 0)
                return;
            var records = changed.ConvertAll<MetadataRecord>(c => new MetadataRecord.PartitionsPlaced(c.Topic.Id, c.Placements));
            await _journal.AppendAsync(records).ConfigureAwait(false);
            foreach (var (topic, placements) in changed)
                await Replace_UnderGate(topic, placements).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    // The log's epoch is higher than the journal's after a crash: the next one comes after both.
    private static PartitionPlacement Change(Topic topic, int partition, PartitionPlacement present, PlacementChange change)
    {
        var epoch = Math.Max(present.LeaderEpoch, topic.Partitions[partition].LeaderEpoch);
        var changed = change(topic, partition, present);
        return changed.Leader == present.Leader ? changed : changed with { LeaderEpoch = epoch + 1 };
    }

    private async ValueTask Replace_UnderGate(Topic topic, PartitionPlacement[] placements)
    {
        var present = topic.Placements;
        topic.Placements = placements;
        for (var partition = 0; partition < placements.Length; partition++)
        {
            if (placements[partition].Leader == present[partition].Leader)
                continue;
            // Wakes the fetches that wait on the old leader, too.
            await topic.Partitions[partition].BecomeLeaderAsync(placements[partition].LeaderEpoch).ConfigureAwait(false);
            if (topic.IsInternal)
                InternalLeaderChanged?.Invoke(topic, partition);
        }
    }

    // A broker of one node needs no record of it: everything lives there.
    private List<MetadataRecord> Placed(MetadataRecord first, Uuid id, PartitionPlacement[] placements) =>
        _nodes.Count == 1 ? [first] : [first, new MetadataRecord.PartitionsPlaced(id, placements)];

    private PartitionPlacement[] Stored(MetadataRecord.TopicCreated topic)
    {
        if (!_journal.Image.Placements.TryGetValue(topic.Id, out var stored))
            return _placer.Place(topic.Partitions, 1);
        var adapted = _placer.Adapt(stored);
        return adapted.Length >= topic.Partitions
            ? adapted[..topic.Partitions]
            : [.. adapted, .. _placer.PlaceAfter(adapted, topic.Partitions - adapted.Length)];
    }

    private static async ValueTask CatchUpAsync(Topic topic)
    {
        for (var partition = 0; partition < topic.Partitions.Length; partition++)
        {
            var epoch = topic.Placements[partition].LeaderEpoch;
            if (topic.Partitions[partition] is var log && log.LeaderEpoch < epoch)
                await log.BecomeLeaderAsync(epoch).ConfigureAwait(false);
        }
    }
}
