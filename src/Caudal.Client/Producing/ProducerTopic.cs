using Caudal.Client.Metadata;
using Caudal.Protocol;

namespace Caudal.Client.Producing;

/// <summary>A topic that is produced to: its partitions, and the one that records without a key go to now.</summary>
/// <remarks>Thread safe. Partitions are only ever added.</remarks>
internal sealed class ProducerTopic
{
    private readonly RecordAccumulator _accumulator;

    // Guards growing.
    private readonly Lock _lock = new();
    private PartitionQueue[] _partitions = [];
    private int _sticky;
    private long _stickyBytes;

    public ProducerTopic(RecordAccumulator accumulator, string name)
    {
        _accumulator = accumulator;
        Name = name;
    }

    public string Name { get; }

    public PartitionQueue[] Partitions => Volatile.Read(ref _partitions);

    /// <summary>The partition that records go to which may go anywhere.</summary>
    public PartitionQueue Sticky
    {
        get
        {
            var partitions = Partitions;
            var sticky = Volatile.Read(ref _sticky);
            return partitions[(uint)sticky < (uint)partitions.Length ? sticky : 0];
        }
    }

    /// <summary>Learns of new partitions and leaders.</summary>
    public void Update(TopicMetadata metadata)
    {
        if (metadata.Error != ErrorCode.None)
            return;
        PartitionQueue[] partitions;
        lock (_lock)
        {
            partitions = _partitions;
            if (metadata.Partitions.Length > partitions.Length)
            {
                var first = partitions.Length == 0;
                var grown = new PartitionQueue[metadata.Partitions.Length];
                partitions.CopyTo(grown, 0);
                for (var i = partitions.Length; i < grown.Length; i++)
                    grown[i] = new PartitionQueue(_accumulator, this, i);
                if (first)
                    _sticky = Random.Shared.Next(grown.Length);
                Volatile.Write(ref _partitions, grown);
                partitions = grown;
            }
        }

        for (var i = 0; i < partitions.Length; i++)
            partitions[i].SetLeader(metadata.LeaderOf(i));
    }

    /// <summary>
    /// A batch of a partition is complete: once a partition has had as many bytes as a batch holds, the next one has its turn (KIP-794).
    /// </summary>
    public void Sealed(int partition, int bytes)
    {
        var partitions = Partitions;
        if (partition != Volatile.Read(ref _sticky) || partitions.Length < 2)
            return;
        // A full batch is a little short of the limit.
        if (Interlocked.Add(ref _stickyBytes, bytes) < _accumulator.Options.BatchSize * 9L / 10)
            return;
        Interlocked.Exchange(ref _stickyBytes, 0);
        var next = Random.Shared.Next(partitions.Length - 1);
        next += next >= partition ? 1 : 0;
        // One that nobody leads would only hold its records up; any other is as good.
        for (var i = 0; i < partitions.Length && (partitions[next].LeaderId < 0 || next == partition); i++)
            next = (next + 1) % partitions.Length;
        Volatile.Write(ref _sticky, next);
    }
}
