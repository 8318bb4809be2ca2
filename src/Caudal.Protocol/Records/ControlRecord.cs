using System.Buffers.Binary;

namespace Caudal.Protocol.Records;

/// <summary>What a control record says. Other numbers than these are reserved for Kafka's own raft log.</summary>
public enum ControlRecordType : short
{
    /// <summary>The producer's open transaction is void.</summary>
    Abort = 0,

    /// <summary>The producer's open transaction counts.</summary>
    Commit = 1,
}

/// <summary>A transaction marker: the one record of a control batch (KIP-98).</summary>
/// <param name="Type">Commit or abort; other numbers are to be ignored.</param>
/// <param name="Version">The version of the key: 0 now. Later versions only append fields.</param>
/// <param name="CoordinatorEpoch">
/// The epoch of the transaction coordinator that wrote the marker: an older one is fenced. −1 if the type has none.
/// </param>
public readonly record struct ControlRecord(ControlRecordType Type, short Version, int CoordinatorEpoch)
{
    private const int KeySize = 4;
    private const int ValueSize = 6;

    // Length, attributes, two deltas, key length, value length, header count; all of them one byte.
    private const int RecordOverhead = 7;

    /// <summary>The size in bytes of a batch that <see cref="WriteBatch"/> writes.</summary>
    public const int BatchSize = RecordBatchHeader.Size + RecordOverhead + KeySize + ValueSize;

    /// <summary>Reads the record of a control batch.</summary>
    /// <exception cref="ProtocolException">Key or value are too short.</exception>
    public static ControlRecord Read(RecordView record)
    {
        var key = record.Key;
        var value = record.Value;
        if (key.Length < KeySize)
            throw new ProtocolException($"Control record at offset {record.Offset}: the key has {key.Length} bytes, {KeySize} are needed.");
        var version = BinaryPrimitives.ReadInt16BigEndian(key);
        var type = (ControlRecordType)BinaryPrimitives.ReadInt16BigEndian(key[2..]);
        if (version < 0)
            throw new ProtocolException($"Control record at offset {record.Offset}: the key's version {version} is not valid.");
        if (type is not (ControlRecordType.Abort or ControlRecordType.Commit))
            return new ControlRecord(type, version, -1);
        if (value.Length < ValueSize)
        {
            throw new ProtocolException(
                $"Control record at offset {record.Offset}: the value has {value.Length} bytes, {ValueSize} are needed.");
        }

        return new ControlRecord(type, version, BinaryPrimitives.ReadInt32BigEndian(value[2..]));
    }

    /// <summary>Reads the marker of a control batch.</summary>
    /// <exception cref="ProtocolException">The batch is no control batch, holds no record, or its record is not valid.</exception>
    public static ControlRecord Read(RecordBatchView batch)
    {
        if (!batch.IsControl || batch.Codec != 0)
            throw new ProtocolException($"The batch at offset {batch.BaseOffset} is no control batch.");
        var records = batch.GetRecords();
        return records.MoveNext()
            ? Read(records.Current)
            : throw new ProtocolException($"The control batch at offset {batch.BaseOffset} holds no record.");
    }

    /// <summary>Writes a whole batch with this marker.</summary>
    /// <param name="destination">At least <see cref="BatchSize"/> bytes.</param>
    /// <param name="baseOffset">The marker's offset.</param>
    /// <param name="leaderEpoch">The partition's leader epoch.</param>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    /// <param name="producerId">The producer whose transaction ends.</param>
    /// <param name="producerEpoch">The epoch of that producer.</param>
    /// <returns><see cref="BatchSize"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public int WriteBatch(Span<byte> destination, long baseOffset, int leaderEpoch, long timestamp, long producerId, short producerEpoch)
    {
        if (destination.Length < BatchSize)
            throw new ArgumentException($"A marker takes {BatchSize} bytes, {destination.Length} were given.", nameof(destination));
        var batch = destination[..BatchSize];
        var record = batch[RecordBatchHeader.Size..];
        record.Clear();
        // Varints are zigzag: a small length is written as its double. Attributes and both deltas are 0.
        record[0] = (RecordOverhead - 1 + KeySize + ValueSize) * 2;
        record[4] = KeySize * 2;
        BinaryPrimitives.WriteInt16BigEndian(record[5..], Version);
        BinaryPrimitives.WriteInt16BigEndian(record[7..], (short)Type);
        record[9] = ValueSize * 2;
        BinaryPrimitives.WriteInt32BigEndian(record[12..], CoordinatorEpoch);
        RecordBatchHeader.Write(batch, new RecordBatchFields
        {
            BaseOffset = baseOffset,
            PartitionLeaderEpoch = leaderEpoch,
            Attributes = RecordBatchAttributes.Transactional | RecordBatchAttributes.Control,
            BaseTimestamp = timestamp,
            MaxTimestamp = timestamp,
            ProducerId = producerId,
            ProducerEpoch = producerEpoch,
            RecordCount = 1,
        });
        return BatchSize;
    }
}
