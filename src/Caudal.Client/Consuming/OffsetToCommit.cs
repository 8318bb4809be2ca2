namespace Caudal.Client.Consuming;

/// <summary>One partition of a commit.</summary>
/// <param name="TopicPartition">The partition.</param>
/// <param name="Offset">The offset of the next record to process.</param>
/// <param name="LeaderEpoch">The leader epoch of the last processed record, −1 if not known.</param>
/// <param name="Metadata">What the application says about it.</param>
internal readonly record struct OffsetToCommit(TopicPartition TopicPartition, long Offset, int LeaderEpoch, string Metadata)
{
    public OffsetToCommit(TopicPartition partition, OffsetAndMetadata offset)
        : this(partition, offset.Offset, offset.LeaderEpoch ?? -1, offset.Metadata)
    {
    }

    public string Topic => TopicPartition.Topic;

    public int Partition => TopicPartition.Partition;

    public TopicPartitionOffset Place => new(TopicPartition, Offset);
}
