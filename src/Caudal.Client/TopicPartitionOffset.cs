namespace Caudal.Client;

/// <summary>A place in a partition.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
/// <param name="Offset">The offset of a record, from 0.</param>
public readonly record struct TopicPartitionOffset(string Topic, int Partition, long Offset)
{
    /// <summary>Creates a place in a partition.</summary>
    public TopicPartitionOffset(TopicPartition partition, long offset)
        : this(partition.Topic, partition.Partition, offset)
    {
    }

    /// <summary>The partition without the offset.</summary>
    public TopicPartition TopicPartition => new(Topic, Partition);

    /// <summary>Kafka's usual spelling, e.g. <c>orders-3@42</c>.</summary>
    public override string ToString() => $"{Topic}-{Partition}@{Offset}";
}
