using System.Buffers.Binary;
using Caudal.Protocol.Checksums;

namespace Caudal.Protocol.Records;

/// <summary>Reads one whole record batch of magic 2 in place, without copying or allocating.</summary>
/// <remarks>
/// Length, magic and counts are plausible when a view exists; the checksum is verified only by <see cref="HasValidCrc"/>, and the records
/// only as they are walked. Timestamps are milliseconds since 1970.
/// </remarks>
public readonly ref struct RecordBatchView
{
    private RecordBatchView(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    /// <summary>The whole batch, header included.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The offset of the first record.</summary>
    public long BaseOffset => BinaryPrimitives.ReadInt64BigEndian(Bytes[RecordBatchHeader.BaseOffsetOffset..]);

    /// <summary>The batch's length field: the bytes that follow it.</summary>
    public int BatchLength => Bytes.Length - RecordBatchHeader.LogOverhead;

    /// <summary>The size of the whole batch in bytes.</summary>
    public int SizeInBytes => Bytes.Length;

    /// <summary>The leader epoch under which the batch was appended; −1 if not known.</summary>
    public int PartitionLeaderEpoch => BinaryPrimitives.ReadInt32BigEndian(Bytes[RecordBatchHeader.PartitionLeaderEpochOffset..]);

    /// <summary>The version of the format: always 2.</summary>
    public byte Magic => Bytes[RecordBatchHeader.MagicOffset];

    /// <summary>The checksum that the batch carries.</summary>
    public uint Crc => BinaryPrimitives.ReadUInt32BigEndian(Bytes[RecordBatchHeader.CrcOffset..]);

    /// <summary>The attribute bits.</summary>
    public RecordBatchAttributes Attributes =>
        (RecordBatchAttributes)BinaryPrimitives.ReadInt16BigEndian(Bytes[RecordBatchHeader.AttributesOffset..]);

    /// <summary>The number of the compression codec, 0 (none) to 7; Kafka knows 0 to 4.</summary>
    public int Codec => (int)(Attributes & RecordBatchAttributes.CodecMask);

    /// <summary>Who set the timestamps.</summary>
    public TimestampType TimestampType => (TimestampType)(((int)Attributes >> 3) & 1);

    /// <summary>Whether the batch belongs to a transaction.</summary>
    public bool IsTransactional => (Attributes & RecordBatchAttributes.Transactional) != 0;

    /// <summary>Whether the batch holds a control record.</summary>
    public bool IsControl => (Attributes & RecordBatchAttributes.Control) != 0;

    /// <summary>Whether <see cref="BaseTimestamp"/> is the delete horizon that compaction set.</summary>
    public bool HasDeleteHorizon => (Attributes & RecordBatchAttributes.DeleteHorizon) != 0;

    /// <summary>The last record's offset minus the base offset.</summary>
    public int LastOffsetDelta => BinaryPrimitives.ReadInt32BigEndian(Bytes[RecordBatchHeader.LastOffsetDeltaOffset..]);

    /// <summary>The offset of the last record, whether compaction left it in the batch or not.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>The time that the records' timestamps are relative to.</summary>
    public long BaseTimestamp => BinaryPrimitives.ReadInt64BigEndian(Bytes[RecordBatchHeader.BaseTimestampOffset..]);

    /// <summary>The largest timestamp of the records.</summary>
    public long MaxTimestamp => BinaryPrimitives.ReadInt64BigEndian(Bytes[RecordBatchHeader.MaxTimestampOffset..]);

    /// <summary>The id of the idempotent producer; −1 for none.</summary>
    public long ProducerId => BinaryPrimitives.ReadInt64BigEndian(Bytes[RecordBatchHeader.ProducerIdOffset..]);

    /// <summary>The epoch of the idempotent producer; −1 for none.</summary>
    public short ProducerEpoch => BinaryPrimitives.ReadInt16BigEndian(Bytes[RecordBatchHeader.ProducerEpochOffset..]);

    /// <summary>The sequence number of the first record; −1 for none.</summary>
    public int BaseSequence => BinaryPrimitives.ReadInt32BigEndian(Bytes[RecordBatchHeader.BaseSequenceOffset..]);

    /// <summary>The sequence number of the last record; 0 follows 2³¹−1. −1 if there is no base sequence.</summary>
    public int LastSequence => BaseSequence is var first && first < 0 ? -1 : unchecked(first + LastOffsetDelta) & int.MaxValue;

    /// <summary>How many records the batch says it holds; never negative.</summary>
    public int RecordCount => BinaryPrimitives.ReadInt32BigEndian(Bytes[RecordBatchHeader.RecordCountOffset..]);

    /// <summary>The records as they are sent: compressed if <see cref="Codec"/> is not 0.</summary>
    public ReadOnlySpan<byte> RecordsPayload => Bytes[RecordBatchHeader.Size..];

    /// <summary>Whether the bytes are those that the checksum was made for.</summary>
    public bool HasValidCrc => ComputeCrc() == Crc;

    /// <summary>Reads the batch at the start of a buffer.</summary>
    /// <param name="buffer">The batch; more bytes may follow.</param>
    /// <param name="batch">The batch, exactly as long as it says.</param>
    /// <returns>False if the buffer ends before the batch does, as at the end of a fetch response or of a torn file.</returns>
    /// <exception cref="ProtocolException">The bytes are no batch of magic 2, however many were to follow.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, out RecordBatchView batch) => TryReadAt(buffer, 0, out batch);

    /// <summary>Reads the batch at the start of a buffer that must hold it whole.</summary>
    /// <param name="buffer">The batch; more bytes may follow.</param>
    /// <exception cref="ProtocolException">The buffer ends too early or the bytes are no batch of magic 2.</exception>
    public static RecordBatchView Read(ReadOnlySpan<byte> buffer) =>
        TryRead(buffer, out var batch) ? batch : throw RecordErrors.IncompleteBatch(buffer);

    /// <summary>Computes the checksum over the batch as it is.</summary>
    public uint ComputeCrc() => Crc32C.Compute(Bytes[RecordBatchHeader.AttributesOffset..]);

    /// <summary>Walks the records of a batch that is not compressed.</summary>
    /// <exception cref="InvalidOperationException">
    /// The batch is compressed: decompress <see cref="RecordsPayload"/> and use the other overload.
    /// </exception>
    /// <exception cref="ProtocolException">The batch is too short for the records that it announces.</exception>
    public RecordEnumerator GetRecords() => Codec == 0 ? GetRecords(RecordsPayload) : throw RecordErrors.Compressed(Codec);

    /// <summary>Walks the records of a batch whose payload the caller decompressed.</summary>
    /// <param name="decompressed">The records, not compressed.</param>
    /// <exception cref="ProtocolException">The payload is too short for the records that the batch announces.</exception>
    public RecordEnumerator GetRecords(ReadOnlySpan<byte> decompressed) =>
        new(decompressed, BaseOffset, BaseTimestamp, RecordCount, TimestampType == TimestampType.LogAppendTime ? MaxTimestamp : null);

    /// <summary>As <see cref="TryRead"/>, for a batch inside a buffer: errors name positions in the buffer.</summary>
    internal static bool TryReadAt(ReadOnlySpan<byte> buffer, int position, out RecordBatchView batch)
    {
        batch = default;
        var bytes = buffer[position..];
        if (bytes.Length < RecordBatchHeader.LogOverhead)
            return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes[RecordBatchHeader.LengthOffset..]);
        if (length < RecordBatchHeader.Size - RecordBatchHeader.LogOverhead)
            throw RecordErrors.BatchLength(length, position);
        if (bytes.Length > RecordBatchHeader.MagicOffset && bytes[RecordBatchHeader.MagicOffset] != RecordBatchHeader.Magic)
            throw RecordErrors.BatchMagic((sbyte)bytes[RecordBatchHeader.MagicOffset], position);
        if (bytes.Length - RecordBatchHeader.LogOverhead < length)
            return false;
        batch = new RecordBatchView(bytes[..(length + RecordBatchHeader.LogOverhead)]);
        if (batch.RecordCount < 0)
            throw RecordErrors.BatchField("record count", batch.RecordCount, position + RecordBatchHeader.RecordCountOffset);
        if (batch.LastOffsetDelta < 0)
            throw RecordErrors.BatchField("last offset delta", batch.LastOffsetDelta, position + RecordBatchHeader.LastOffsetDeltaOffset);
        return true;
    }
}
