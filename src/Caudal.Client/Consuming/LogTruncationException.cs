using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>
/// A partition was cut off behind a consumer's back: its new leader does not have what the consumer has read (KIP-320), and
/// <c>auto.offset.reset</c> is <c>none</c>.
/// </summary>
/// <remarks>The consumer stays where it is until it seeks: asking again fails again.</remarks>
public sealed class LogTruncationException : KafkaException
{
    internal LogTruncationException(TopicPartition partition, long offset, long? divergentOffset)
        : base(
            $"{partition} was cut off: it was read up to offset {offset}, but its leader "
            + (divergentOffset is { } end ? $"has other records from offset {end} on" : "knows nothing of what was read")
            + ". Records were lost by the cluster, and auto.offset.reset is none. Seek to an offset, or choose earliest or latest.")
    {
        TopicPartition = partition;
        DivergentOffset = divergentOffset;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>The first offset at which what was read and what the leader has differ; null if it is not known.</summary>
    public long? DivergentOffset { get; }
}
