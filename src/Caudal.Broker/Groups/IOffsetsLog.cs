using Caudal.Protocol;

namespace Caudal.Broker.Groups;

/// <summary>The log behind the coordinator: the partitions of <c>__consumer_offsets</c>.</summary>
internal interface IOffsetsLog
{
    /// <summary>
    /// How many partitions there are, or will be once the topic is created. Never changes: a group's partition follows from it.
    /// </summary>
    int PartitionCount { get; }

    /// <summary>Appends records, all or none of them, and completes when they are as durable as the broker promises.</summary>
    /// <param name="partition">The partition, 0 to <see cref="PartitionCount"/> − 1. One append a partition is under way at a time.</param>
    /// <param name="records">The records, at least one.</param>
    /// <param name="cancellationToken">Gives the wait up; the records may be in the log all the same.</param>
    ValueTask<ErrorCode> AppendAsync(int partition, IReadOnlyList<OffsetsRecord> records, CancellationToken cancellationToken);

    /// <summary>Reads everything that was appended, in order within each partition.</summary>
    /// <param name="visit">Called for each record.</param>
    /// <param name="cancellationToken">Gives the reading up.</param>
    ValueTask ReadAllAsync(OffsetsRecordVisitor visit, CancellationToken cancellationToken);
}

/// <summary>Sees one record of <c>__consumer_offsets</c>; the memory is valid during the call only.</summary>
/// <param name="key">The key.</param>
/// <param name="value">The value; null for a record that deletes the key.</param>
internal delegate void OffsetsRecordVisitor(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value);

/// <summary>A record of <c>__consumer_offsets</c> in Kafka's own encoding.</summary>
/// <param name="Key">The key, its type first.</param>
/// <param name="Value">The value, its version first; null deletes the key.</param>
/// <param name="TimestampMs">The record's time in ms since 1970.</param>
internal readonly record struct OffsetsRecord(byte[] Key, byte[]? Value, long TimestampMs);
