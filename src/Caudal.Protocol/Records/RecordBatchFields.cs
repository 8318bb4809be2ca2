namespace Caudal.Protocol.Records;

/// <summary>What the header of a record batch says, apart from what follows from its bytes (length, magic, checksum).</summary>
/// <remarks>
/// The defaults are those of a batch from a producer that is not idempotent: no producer, no leader epoch yet, no records.
/// </remarks>
public readonly record struct RecordBatchFields()
{
    /// <summary>The offset of the first record; 0 until a broker assigns one.</summary>
    public long BaseOffset { get; init; }

    /// <summary>The leader epoch under which the batch was appended; −1 until a broker sets it.</summary>
    public int PartitionLeaderEpoch { get; init; } = -1;

    /// <summary>The attribute bits, the codec among them.</summary>
    public RecordBatchAttributes Attributes { get; init; }

    /// <summary>The last record's offset minus the base offset. Compaction may have removed the record itself.</summary>
    public int LastOffsetDelta { get; init; }

    /// <summary>The time that the records' timestamps are relative to, in milliseconds since 1970.</summary>
    public long BaseTimestamp { get; init; } = -1;

    /// <summary>The largest timestamp of the records, in milliseconds since 1970.</summary>
    public long MaxTimestamp { get; init; } = -1;

    /// <summary>The id of the idempotent producer; −1 for none.</summary>
    public long ProducerId { get; init; } = -1;

    /// <summary>The epoch of the idempotent producer; −1 for none.</summary>
    public short ProducerEpoch { get; init; } = -1;

    /// <summary>The sequence number of the first record; −1 for none.</summary>
    public int BaseSequence { get; init; } = -1;

    /// <summary>How many records the batch holds.</summary>
    public int RecordCount { get; init; }
}
