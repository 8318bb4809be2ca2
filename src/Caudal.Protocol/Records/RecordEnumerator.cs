namespace Caudal.Protocol.Records;

/// <summary>Walks the records of a payload that is not compressed, checking every length. Allocates nothing.</summary>
public ref struct RecordEnumerator
{
    // Length, attributes, timestamp delta, offset delta, key length, value length, header count: a byte each at least.
    private const int SmallestRecord = 7;

    private readonly ReadOnlySpan<byte> _payload;
    private readonly long _baseOffset;
    private readonly long _baseTimestamp;
    private readonly long _logAppendTime;
    private readonly bool _hasLogAppendTime;
    private readonly int _count;
    private RecordLayout _current;
    private int _position;
    private int _index;

    /// <summary>Starts before the first record.</summary>
    /// <param name="payload">The records, not compressed: all of them and nothing else.</param>
    /// <param name="baseOffset">The batch's base offset.</param>
    /// <param name="baseTimestamp">The batch's base timestamp.</param>
    /// <param name="count">How many records the batch announces.</param>
    /// <param name="logAppendTime">The timestamp of all records if the broker set it; null for the records' own.</param>
    /// <exception cref="ProtocolException">
    /// The payload is too short for <paramref name="count"/> records, or the count is negative.
    /// </exception>
    public RecordEnumerator(ReadOnlySpan<byte> payload, long baseOffset, long baseTimestamp, int count, long? logAppendTime = null)
    {
        if ((uint)count > (uint)(payload.Length / SmallestRecord))
            throw RecordErrors.Count(count, payload.Length);
        _payload = payload;
        _baseOffset = baseOffset;
        _baseTimestamp = baseTimestamp;
        _count = count;
        _hasLogAppendTime = logAppendTime.HasValue;
        _logAppendTime = logAppendTime.GetValueOrDefault();
    }

    /// <summary>The record that <see cref="MoveNext"/> read.</summary>
    public readonly RecordView Current =>
        new(_payload, _current, _baseOffset, _hasLogAppendTime ? _logAppendTime : unchecked(_baseTimestamp + _current.TimestampDelta));

    /// <summary>How many records there are: trustworthy for sizing, the payload is long enough for them.</summary>
    public readonly int Count => _count;

    /// <summary>For <c>foreach</c>.</summary>
    public readonly RecordEnumerator GetEnumerator() => this;

    /// <summary>Reads the next record.</summary>
    /// <returns>False after the last one.</returns>
    /// <exception cref="ProtocolException">
    /// A length is wrong, or bytes follow the last record; the message names the byte of the payload.
    /// </exception>
    public bool MoveNext()
    {
        if (_index == _count)
        {
            if (_position != _payload.Length)
                throw RecordErrors.Trailing(_count, _position, _payload.Length);
            return false;
        }

        var start = _position;
        var prefix = new RecordReader(_payload, start, _index);
        var length = prefix.ReadVarint("length");
        if ((uint)length > (uint)prefix.Remaining)
            prefix.ThrowLength("length", length);
        _position = prefix.Position + length;
        var reader = new RecordReader(_payload[.._position], prefix.Position, _index++);
        _current = new RecordLayout(ref reader, start);
        return true;
    }
}
