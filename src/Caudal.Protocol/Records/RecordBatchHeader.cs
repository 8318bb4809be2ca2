using System.Buffers.Binary;
using Caudal.Protocol.Checksums;

namespace Caudal.Protocol.Records;

/// <summary>Where the fields of a record batch of magic 2 lie, all big-endian, and how to write them.</summary>
/// <remarks>The checksum covers everything from <see cref="AttributesOffset"/> to the batch's end. Source: KIP-98.</remarks>
public static class RecordBatchHeader
{
    /// <summary>int64: the offset of the first record.</summary>
    public const int BaseOffsetOffset = 0;

    /// <summary>int32: the number of bytes that follow this field.</summary>
    public const int LengthOffset = 8;

    /// <summary>int32: the leader epoch.</summary>
    public const int PartitionLeaderEpochOffset = 12;

    /// <summary>int8: the version of the format, in this place in all versions.</summary>
    public const int MagicOffset = 16;

    /// <summary>uint32: the CRC-32C.</summary>
    public const int CrcOffset = 17;

    /// <summary>int16: <see cref="RecordBatchAttributes"/>. The checksum starts here.</summary>
    public const int AttributesOffset = 21;

    /// <summary>int32: the last record's offset minus the base offset.</summary>
    public const int LastOffsetDeltaOffset = 23;

    /// <summary>int64: the base timestamp.</summary>
    public const int BaseTimestampOffset = 27;

    /// <summary>int64: the largest timestamp.</summary>
    public const int MaxTimestampOffset = 35;

    /// <summary>int64: the producer's id.</summary>
    public const int ProducerIdOffset = 43;

    /// <summary>int16: the producer's epoch.</summary>
    public const int ProducerEpochOffset = 51;

    /// <summary>int32: the sequence number of the first record.</summary>
    public const int BaseSequenceOffset = 53;

    /// <summary>int32: the number of records.</summary>
    public const int RecordCountOffset = 57;

    /// <summary>The size of the header in bytes; the records follow.</summary>
    public const int Size = 61;

    /// <summary>The bytes before those that the length counts: base offset and length.</summary>
    public const int LogOverhead = 12;

    /// <summary>The only version of the format that Caudal reads and writes.</summary>
    public const byte Magic = 2;

    /// <summary>Writes the header of a batch whose records are in place already, the checksum included.</summary>
    /// <param name="batch">
    /// The whole batch: <see cref="Size"/> bytes to be filled, then the records as they are sent (compressed or not).
    /// </param>
    /// <param name="fields">What the header shall say.</param>
    /// <exception cref="ArgumentException"><paramref name="batch"/> is shorter than a header.</exception>
    public static void Write(Span<byte> batch, in RecordBatchFields fields)
    {
        if (batch.Length < Size)
            throw new ArgumentException($"A batch has at least {Size} bytes, {batch.Length} were given.", nameof(batch));
        BinaryPrimitives.WriteInt64BigEndian(batch[BaseOffsetOffset..], fields.BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[LengthOffset..], batch.Length - LogOverhead);
        BinaryPrimitives.WriteInt32BigEndian(batch[PartitionLeaderEpochOffset..], fields.PartitionLeaderEpoch);
        batch[MagicOffset] = Magic;
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesOffset..], (short)fields.Attributes);
        BinaryPrimitives.WriteInt32BigEndian(batch[LastOffsetDeltaOffset..], fields.LastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(batch[BaseTimestampOffset..], fields.BaseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestampOffset..], fields.MaxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[ProducerIdOffset..], fields.ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[ProducerEpochOffset..], fields.ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BaseSequenceOffset..], fields.BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordCountOffset..], fields.RecordCount);
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcOffset..], Crc32C.Compute(batch[AttributesOffset..]));
    }
}
