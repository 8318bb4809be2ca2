using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>Processing was stopped by a record that failed. The inner exception is what the handler threw.</summary>
/// <remarks>The record is not committed: whoever processes its partition next gets it again.</remarks>
public sealed class ProcessingException : KafkaException
{
    internal ProcessingException(TopicPartitionOffset record, Exception cause)
        : base(
            $"Processing stopped at {record}: {cause.Message} The record is not committed and comes again. "
            + "Let OnError return Skip to pass such records by.",
            cause)
    {
        Record = record;
    }

    /// <summary>The record that failed.</summary>
    public TopicPartitionOffset Record { get; }
}
