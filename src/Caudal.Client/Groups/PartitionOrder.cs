namespace Caudal.Client.Groups;

/// <summary>Partitions by topic (ordinal), then by number.</summary>
internal sealed class PartitionOrder : IComparer<TopicPartition>
{
    public static PartitionOrder Instance { get; } = new();

    public int Compare(TopicPartition x, TopicPartition y) =>
        string.CompareOrdinal(x.Topic, y.Topic) is var order and not 0 ? order : x.Partition.CompareTo(y.Partition);
}
