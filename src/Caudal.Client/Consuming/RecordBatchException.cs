using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>A batch of records cannot be read: its checksum is wrong, or its bytes make no sense.</summary>
/// <remarks>The consumer stays before the batch: asking again fails again. Seek behind it to go on without it.</remarks>
public sealed class RecordBatchException : KafkaException
{
    internal RecordBatchException(TopicPartition partition, long baseOffset, long nextOffset, string problem, Exception? cause = null)
        : base(
            $"The records of {partition} from offset {baseOffset} on cannot be read: {problem} " +
            $"Seek to {nextOffset} to go on behind the batch.",
            cause)
    {
        TopicPartition = partition;
        BaseOffset = baseOffset;
        NextOffset = nextOffset;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>The offset of the batch's first record.</summary>
    public long BaseOffset { get; }

    /// <summary>The offset behind the batch, as far as it is known.</summary>
    public long NextOffset { get; }
}
