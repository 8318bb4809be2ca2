using System.Buffers.Binary;
using Caudal.Protocol.Checksums;

namespace Caudal.Protocol.Records;

/// <summary>Changes fields of a whole batch in place: what brokers do on append, and producers on retry.</summary>
/// <remarks>
/// Fields that the checksum covers change it by what follows from their bytes alone: the records are not read again, and a batch that was
/// corrupt before stays recognisably corrupt. All methods expect a batch that <see cref="RecordBatchView"/> accepts. Not thread safe.
/// </remarks>
public static class RecordBatchPatch
{
    // From the attributes to the record count: the part of the header that the checksum covers.
    private const int CoveredHeader = RecordBatchHeader.Size - RecordBatchHeader.AttributesOffset;

    /// <summary>Assigns the offset of the first record. The checksum does not cover it.</summary>
    public static void SetBaseOffset(Span<byte> batch, long baseOffset) =>
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.BaseOffsetOffset..], baseOffset);

    /// <summary>Sets the leader epoch. The checksum does not cover it.</summary>
    public static void SetLeaderEpoch(Span<byte> batch, int leaderEpoch) =>
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.PartitionLeaderEpochOffset..], leaderEpoch);

    /// <summary>Sets the producer's id, epoch and first sequence number, and adapts the checksum.</summary>
    public static void SetProducer(Span<byte> batch, long producerId, short producerEpoch, int baseSequence)
    {
        Span<byte> before = stackalloc byte[CoveredHeader];
        Covered(batch).CopyTo(before);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.ProducerIdOffset..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchHeader.ProducerEpochOffset..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.BaseSequenceOffset..], baseSequence);
        AdaptCrc(batch, before);
    }

    /// <summary>
    /// Gives all records the time of the append, as topics with <c>message.timestamp.type=LogAppendTime</c> want it, and adapts the
    /// checksum.
    /// </summary>
    /// <param name="batch">The whole batch.</param>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    public static void SetLogAppendTime(Span<byte> batch, long timestamp)
    {
        Span<byte> before = stackalloc byte[CoveredHeader];
        Covered(batch).CopyTo(before);
        // The bit lies in the lower byte of the two.
        batch[RecordBatchHeader.AttributesOffset + 1] |= (byte)RecordBatchAttributes.LogAppendTime;
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.MaxTimestampOffset..], timestamp);
        AdaptCrc(batch, before);
    }

    /// <summary>Computes the checksum over the whole batch and stores it, whatever it was before.</summary>
    public static void RecomputeCrc(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(
            batch[RecordBatchHeader.CrcOffset..], Crc32C.Compute(batch[RecordBatchHeader.AttributesOffset..]));

    // CRCs of equal length are linear: crc(new) ^ crc(old) = crc(new header) ^ crc(old header), moved over the payload's length. The
    // unchanged payload cancels.
    private static void AdaptCrc(Span<byte> batch, ReadOnlySpan<byte> before)
    {
        var difference = Crc32C.Compute(before) ^ Crc32C.Compute(Covered(batch));
        var crc = batch[RecordBatchHeader.CrcOffset..];
        var adapted = BinaryPrimitives.ReadUInt32BigEndian(crc) ^ Crc32CPolynomial.Shift(difference, batch.Length - RecordBatchHeader.Size);
        BinaryPrimitives.WriteUInt32BigEndian(crc, adapted);
    }

    private static Span<byte> Covered(Span<byte> batch) => batch.Slice(RecordBatchHeader.AttributesOffset, CoveredHeader);
}
