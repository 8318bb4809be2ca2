using Caudal.Protocol.Records;

namespace Caudal.Client;

/// <summary>A record that was consumed. It owns what it holds: it may be kept.</summary>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
public readonly struct ConsumeResult<TKey, TValue>
{
    internal ConsumeResult(
        TopicPartition partition, long offset, long timestamp, TimestampType timestampType, TKey key, TValue value, RecordHeader[] headers)
    {
        TopicPartition = partition;
        Offset = offset;
        TimestampMs = timestamp;
        TimestampType = timestampType;
        Key = key;
        Value = value;
        Headers = headers;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition { get; }

    /// <summary>The topic.</summary>
    public string Topic => TopicPartition.Topic;

    /// <summary>The partition's number.</summary>
    public int Partition => TopicPartition.Partition;

    /// <summary>The record's offset.</summary>
    public long Offset { get; }

    /// <summary>The record's time in milliseconds since 1970.</summary>
    public long TimestampMs { get; }

    /// <summary>The record's time.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(TimestampMs);

    /// <summary>Who set the time.</summary>
    public TimestampType TimestampType { get; }

    /// <summary>The key.</summary>
    public TKey Key { get; init; }

    /// <summary>The value.</summary>
    public TValue Value { get; init; }

    /// <summary>The headers, in their order; empty if there are none.</summary>
    public IReadOnlyList<RecordHeader> Headers { get; init; }

    /// <summary>The place behind the record: what to store or commit once it is processed.</summary>
    public TopicPartitionOffset Next => new(TopicPartition, Offset + 1);
}
