using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>A partition has no usable committed offset, and <c>auto.offset.reset</c> is <c>none</c>.</summary>
public sealed class NoOffsetException : KafkaException
{
    internal NoOffsetException(TopicPartition partition, long offset)
        : base(
            $"{partition} cannot be consumed: " +
            (offset < 0 ? "no offset was committed for it" : $"offset {offset} is out of range at the broker") +
            ", and auto.offset.reset is none. Seek to an offset, or choose earliest or latest.")
    {
        TopicPartition = partition;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition { get; }
}
