namespace Caudal.Protocol.Records;

/// <summary>One record, read in place: spans over the batch's payload, valid as long as that is.</summary>
public readonly ref struct RecordView
{
    private readonly ReadOnlySpan<byte> _payload;
    private readonly RecordLayout _layout;

    internal RecordView(ReadOnlySpan<byte> payload, scoped in RecordLayout layout, long baseOffset, long timestamp)
    {
        _payload = payload;
        _layout = layout;
        Offset = unchecked(baseOffset + layout.OffsetDelta);
        Timestamp = timestamp;
    }

    /// <summary>The record's offset in its partition.</summary>
    public long Offset { get; }

    /// <summary>The record's offset minus its batch's base offset.</summary>
    public int OffsetDelta => _layout.OffsetDelta;

    /// <summary>Milliseconds since 1970: the producer's time, or the broker's if the batch says so.</summary>
    public long Timestamp { get; }

    /// <summary>The key; empty if it is null.</summary>
    public ReadOnlySpan<byte> Key => _payload.Slice(KeyStart, KeyLength);

    /// <summary>Whether the record has no key, which is not the same as an empty one.</summary>
    public bool IsKeyNull => _layout.KeyLength < 0;

    /// <summary>Where the key starts in the payload.</summary>
    public int KeyStart => _layout.KeyStart;

    /// <summary>The key's length in bytes; 0 if it is null.</summary>
    public int KeyLength => Math.Max(_layout.KeyLength, 0);

    /// <summary>The value; empty if it is null.</summary>
    public ReadOnlySpan<byte> Value => _payload.Slice(ValueStart, ValueLength);

    /// <summary>Whether the record has no value: a tombstone in compacted topics.</summary>
    public bool IsValueNull => _layout.ValueLength < 0;

    /// <summary>Where the value starts in the payload.</summary>
    public int ValueStart => _layout.ValueStart;

    /// <summary>The value's length in bytes; 0 if it is null.</summary>
    public int ValueLength => Math.Max(_layout.ValueLength, 0);

    /// <summary>How many headers the record announces.</summary>
    public int HeaderCount => _layout.HeaderCount;

    /// <summary>The headers, read only as they are walked.</summary>
    public RecordHeaders Headers => new(_payload[.._layout.End], _layout.HeadersStart, _layout.HeaderCount, _layout.Index);

    /// <summary>Where the headers lie in the payload, to keep them and walk them later with <see cref="RecordHeaders"/>.</summary>
    public Range HeadersRange => _layout.HeadersStart.._layout.End;

    /// <summary>Where the whole record lies in the payload, its length prefix included: compaction copies records as they are.</summary>
    public Range Range => _layout.Start.._layout.End;

    /// <summary>The size of the whole record in bytes, its length prefix included.</summary>
    public int SizeInBytes => _layout.End - _layout.Start;
}
