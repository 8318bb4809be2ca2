using Caudal.Protocol.Records;

namespace Caudal.Client;

/// <summary>A record to be produced. Key, value and headers are read before the call that takes it completes, and not kept.</summary>
/// <typeparam name="TKey">The type of the key.</typeparam>
/// <typeparam name="TValue">The type of the value.</typeparam>
public readonly struct ProducerRecord<TKey, TValue>
{
    /// <summary>Creates a record with a key.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="key">The key: records of equal keys go to the same partition.</param>
    /// <param name="value">The value.</param>
    public ProducerRecord(string topic, TKey key, TValue value)
    {
        Topic = topic;
        Key = key;
        Value = value;
    }

    /// <summary>The topic's name.</summary>
    public string Topic { get; init; }

    /// <summary>The partition, or null to let the partitioner choose.</summary>
    public int? Partition { get; init; }

    /// <summary>The key. Null, or what its serializer takes for null, lets the partitioner choose freely.</summary>
    public TKey Key { get; init; }

    /// <summary>The value.</summary>
    public TValue Value { get; init; }

    /// <summary>The headers, or null for none.</summary>
    public RecordHeader[]? Headers { get; init; }

    /// <summary>The record's time, or null for now.</summary>
    public DateTimeOffset? Timestamp { get; init; }
}
