namespace Caudal.Protocol.Records;

/// <summary>One record, read in place: spans over the batch's payload, valid as long as that is.</summary>
public readonly ref struct RecordView
{
    private readonly ReadOnlySpan<byte> _payload;
    private readonly int _start;
    private readonly int _keyLength;
    private readonly int _valueLength;
    private readonly int _headersStart;
    private readonly int _index;

    internal RecordView(scoped ref RecordReader reader, int start, long baseOffset, long baseTimestamp)
    {
        _payload = reader.Payload;
        _start = start;
        _index = reader.Index;
        if (reader.Remaining < 1)
            reader.ThrowLength("attributes", 1);
        reader.Position++;
        Timestamp = unchecked(baseTimestamp + reader.ReadVarlong("timestamp delta"));
        OffsetDelta = reader.ReadVarint("offset delta");
        Offset = unchecked(baseOffset + OffsetDelta);
        KeyStart = reader.TakeNullable("key", out _keyLength);
        ValueStart = reader.TakeNullable("value", out _valueLength);
        HeaderCount = reader.ReadVarint("header count");
        _headersStart = reader.Position;
        // Without headers the record ends here.
        if ((uint)HeaderCount > (uint)(reader.Remaining / RecordHeaders.SmallestHeader) || (HeaderCount == 0 && reader.Remaining != 0))
            throw RecordErrors.Record(_index, _headersStart, "header count", $"{HeaderCount} headers do not fit {reader.Remaining} bytes");
    }

    internal RecordView(RecordView record, long timestamp)
    {
        this = record;
        Timestamp = timestamp;
    }

    /// <summary>The record's offset in its partition.</summary>
    public long Offset { get; }

    /// <summary>The record's offset minus its batch's base offset.</summary>
    public int OffsetDelta { get; }

    /// <summary>Milliseconds since 1970: the producer's time, or the broker's if the batch says so.</summary>
    public long Timestamp { get; }

    /// <summary>The key; empty if it is null.</summary>
    public ReadOnlySpan<byte> Key => _payload.Slice(KeyStart, KeyLength);

    /// <summary>Whether the record has no key, which is not the same as an empty one.</summary>
    public bool IsKeyNull => _keyLength < 0;

    /// <summary>Where the key starts in the payload.</summary>
    public int KeyStart { get; }

    /// <summary>The key's length in bytes; 0 if it is null.</summary>
    public int KeyLength => Math.Max(_keyLength, 0);

    /// <summary>The value; empty if it is null.</summary>
    public ReadOnlySpan<byte> Value => _payload.Slice(ValueStart, ValueLength);

    /// <summary>Whether the record has no value: a tombstone in compacted topics.</summary>
    public bool IsValueNull => _valueLength < 0;

    /// <summary>Where the value starts in the payload.</summary>
    public int ValueStart { get; }

    /// <summary>The value's length in bytes; 0 if it is null.</summary>
    public int ValueLength => Math.Max(_valueLength, 0);

    /// <summary>How many headers the record announces.</summary>
    public int HeaderCount { get; }

    /// <summary>The headers, read only as they are walked.</summary>
    public RecordHeaders Headers => new(_payload, _headersStart, HeaderCount, _index);

    /// <summary>Where the headers lie in the payload, to keep them and walk them later with <see cref="RecordHeaders"/>.</summary>
    public Range HeadersRange => _headersStart.._payload.Length;

    /// <summary>Where the whole record lies in the payload, its length prefix included: compaction copies records as they are.</summary>
    public Range Range => _start.._payload.Length;

    /// <summary>The size of the whole record in bytes, its length prefix included.</summary>
    public int SizeInBytes => _payload.Length - _start;
}
