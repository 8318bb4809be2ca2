using Caudal.Protocol;

namespace Caudal.Client.Metadata;

/// <summary>What is known of a topic. Immutable.</summary>
/// <param name="Name">The topic's name.</param>
/// <param name="Id">The topic's id, <see cref="Uuid.Zero"/> if the brokers have none.</param>
/// <param name="Error">What the brokers said instead of partitions, or <see cref="ErrorCode.None"/>.</param>
/// <param name="IsInternal">Whether it belongs to the brokers, as <c>__consumer_offsets</c>.</param>
/// <param name="Partitions">The partitions, in the order of their numbers, without gaps.</param>
/// <param name="Timestamp">The clock's timestamp at which it was learnt.</param>
internal sealed record TopicMetadata(string Name, Uuid Id, ErrorCode Error, bool IsInternal, PartitionMetadata[] Partitions, long Timestamp)
{
    /// <summary>The leader of a partition, −1 if it has none or does not exist.</summary>
    public int LeaderOf(int partition) => (uint)partition < (uint)Partitions.Length ? Partitions[partition].LeaderId : -1;
}
