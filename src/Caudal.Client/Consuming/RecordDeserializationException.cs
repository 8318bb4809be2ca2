using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Client;

/// <summary>A record that a deserializer refused. It carries the raw record, so that it can be kept elsewhere.</summary>
/// <remarks>The record counts as handed out: asking again goes on with the next one, and committing counts it as processed.</remarks>
public sealed class RecordDeserializationException : KafkaException
{
    internal RecordDeserializationException(TopicPartition partition, RecordView record, bool isKey, Exception cause)
        : base($"The {(isKey ? "key" : "value")} of the record at offset {record.Offset} of {partition} cannot be read: {cause.Message}",
            cause)
    {
        TopicPartition = partition;
        Offset = record.Offset;
        IsKey = isKey;
        RawKey = record.IsKeyNull ? null : record.Key.ToArray();
        RawValue = record.IsValueNull ? null : record.Value.ToArray();
        Headers = record.Headers.ToArray();
        TimestampMs = record.Timestamp;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>The record's offset.</summary>
    public long Offset { get; }

    /// <summary>Whether it is the key rather than the value that cannot be read.</summary>
    public bool IsKey { get; }

    /// <summary>The key as it came; null for a record without key.</summary>
    public ReadOnlyMemory<byte>? RawKey { get; }

    /// <summary>The value as it came; null for a tombstone.</summary>
    public ReadOnlyMemory<byte>? RawValue { get; }

    /// <summary>The headers as they came.</summary>
    public IReadOnlyList<RecordHeader> Headers { get; }

    /// <summary>The record's time in milliseconds since 1970.</summary>
    public long TimestampMs { get; }
}
