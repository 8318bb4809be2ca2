using System.Buffers;

namespace Caudal.Protocol.Records;

/// <content>
/// Records that a serializer writes into the batch itself. Key and value are written where they will most likely stay: the lengths before
/// them are unknown, but the width of their varints is guessed from the record before. A wrong guess moves the record by a few bytes when
/// it ends.
/// </content>
public sealed partial class RecordBatchWriter : IBufferWriter<byte>
{
    private RecordStage _stage;
    private long _timestamp;
    private int _keyStart;
    private int _keyLength;
    private int _valueStart;
    private int _valueLength;
    private int _position;

    // The widths of the last record's varints.
    private int _prefixWidth = 1;
    private int _keyWidth = 1;
    private int _valueWidth = 1;

    private enum RecordStage
    {
        None,
        Begun,
        Key,
        Value,
        Refused,
    }

    private bool IsRecordUnderWay => _stage is RecordStage.Begun or RecordStage.Key or RecordStage.Value;

    /// <summary>
    /// The key of the record that is under way or was just refused; empty if it is null. Valid until the next call that writes.
    /// </summary>
    public ReadOnlySpan<byte> PendingKey =>
        _stage != RecordStage.None && _keyLength > 0 ? _buffer.AsSpan(_keyStart, _keyLength) : default;

    /// <summary>Whether the key of that record is null.</summary>
    public bool IsPendingKeyNull => _keyLength < 0;

    /// <summary>
    /// The value of the record that is under way or was just refused; empty if it is null. Valid until the next call that writes.
    /// </summary>
    public ReadOnlySpan<byte> PendingValue =>
        _stage != RecordStage.None && _valueLength > 0 ? _buffer.AsSpan(_valueStart, _valueLength) : default;

    /// <summary>Whether the value of that record is null.</summary>
    public bool IsPendingValueNull => _valueLength < 0;

    /// <summary>Starts a record of which key and value are written into the batch itself. Null keys and values are the default.</summary>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    /// <remarks>
    /// Then <see cref="BeginKey"/> or <see cref="WriteKey"/>, <see cref="BeginValue"/> or <see cref="WriteValue"/>, in this order and each
    /// of them optional, and <see cref="TryEndRecord"/>. A record that was begun or refused before is dropped.
    /// </remarks>
    public void BeginRecord(long timestamp)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        _timestamp = timestamp;
        _keyLength = -1;
        _valueLength = -1;
        _stage = RecordStage.Begun;
        var delta = Count == 0 ? 0 : unchecked(timestamp - _baseTimestamp);
        _keyStart = _length + _prefixWidth + 1 + Varint.SizeOf(delta) + Varint.SizeOf(Count) + _keyWidth;
        _position = _keyStart;
    }

    /// <summary>Starts the key: what is written to the returned writer from here on belongs to it.</summary>
    /// <returns>This writer.</returns>
    /// <exception cref="InvalidOperationException">No record was begun, or its key or value was.</exception>
    public IBufferWriter<byte> BeginKey()
    {
        if (_stage != RecordStage.Begun)
            throw OutOfOrder(nameof(BeginKey));
        _stage = RecordStage.Key;
        _keyLength = 0;
        return this;
    }

    /// <summary>Writes the whole key.</summary>
    /// <exception cref="InvalidOperationException">As <see cref="BeginKey"/>.</exception>
    public void WriteKey(ReadOnlySpan<byte> key)
    {
        BeginKey();
        WritePart(key);
        _keyLength = key.Length;
    }

    /// <summary>Starts the value, and ends the key if there is one: what is written from here on belongs to the value.</summary>
    /// <returns>This writer.</returns>
    /// <exception cref="InvalidOperationException">No record was begun, or its value was.</exception>
    public IBufferWriter<byte> BeginValue()
    {
        if (_stage is not (RecordStage.Begun or RecordStage.Key))
            throw OutOfOrder(nameof(BeginValue));
        _stage = RecordStage.Value;
        _position += _valueWidth;
        _valueStart = _position;
        _valueLength = 0;
        return this;
    }

    /// <summary>Writes the whole value.</summary>
    /// <exception cref="InvalidOperationException">As <see cref="BeginValue"/>.</exception>
    public void WriteValue(ReadOnlySpan<byte> value)
    {
        BeginValue();
        WritePart(value);
        _valueLength = value.Length;
    }

    /// <summary>Appends the record that was begun, if the batch stays within a size.</summary>
    /// <param name="headers">The headers, often none.</param>
    /// <param name="maxBatchBytes">The size that <see cref="SizeInBytes"/> may reach.</param>
    /// <returns>
    /// False if the record does not fit: the batch is as it was, and <see cref="PendingKey"/> and <see cref="PendingValue"/> can be read,
    /// to be appended to another batch, until anything else is written here.
    /// </returns>
    /// <exception cref="ArgumentException">The record is larger than any array, or a header has no key.</exception>
    /// <exception cref="InvalidOperationException">No record was begun.</exception>
    public bool TryEndRecord(ReadOnlySpan<RecordHeader> headers, int maxBatchBytes)
    {
        if (!IsRecordUnderWay)
            throw OutOfOrder(nameof(TryEndRecord));
        // A missing value starts (and ends) where the key does.
        if (_stage != RecordStage.Value)
            _valueStart = _position + _valueWidth;
        var delta = Count == 0 ? 0 : unchecked(_timestamp - _baseTimestamp);
        var body = BodySize(delta, _keyLength, _valueLength, headers);
        var end = _length + Varint.SizeOf(body) + body;
        if (!Fits(end, maxBatchBytes))
        {
            _stage = RecordStage.Refused;
            return false;
        }

        if (end > _buffer.Length)
            Grow(end, Math.Max(_position, _length));
        Place(body, delta);
        var buffer = _buffer.AsSpan();
        var position = Varint.Write(buffer, _length, body);
        buffer[position++] = 0;
        position = Varint.Write(buffer, position, delta);
        position = Varint.Write(buffer, position, Count);
        position = Varint.Write(buffer, position, _keyLength) + Math.Max(_keyLength, 0);
        position = Varint.Write(buffer, position, _valueLength) + Math.Max(_valueLength, 0);
        WriteHeaders(buffer, position, headers);
        _stage = RecordStage.None;
        Commit((int)end, _timestamp);
        return true;
    }

    /// <summary>Drops the record that was begun or refused: the batch is as it was.</summary>
    public void CancelRecord() => _stage = RecordStage.None;

    /// <inheritdoc/>
    void IBufferWriter<byte>.Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > _buffer.Length - _position)
            throw new ArgumentOutOfRangeException(nameof(count), count, "More bytes than were handed out.");
        if (_stage == RecordStage.Key)
            _keyLength += count;
        else if (_stage == RecordStage.Value)
            _valueLength += count;
        else
            throw OutOfOrder(nameof(IBufferWriter<byte>.Advance));
        _position += count;
    }

    /// <inheritdoc/>
    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        MakeRoom(sizeHint);
        return _buffer.AsMemory(_position);
    }

    /// <inheritdoc/>
    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint)
    {
        MakeRoom(sizeHint);
        return _buffer.AsSpan(_position);
    }

    private void WritePart(ReadOnlySpan<byte> bytes)
    {
        MakeRoom(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_position));
        _position += bytes.Length;
    }

    private void MakeRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_stage is not (RecordStage.Key or RecordStage.Value))
            throw OutOfOrder(nameof(IBufferWriter<byte>.GetSpan));
        var size = (long)_position + Math.Max(sizeHint, 1);
        if (size > _buffer.Length)
            Grow(size, _position);
    }

    // Moves key and value to where they belong and remembers the widths for the next record.
    private void Place(long body, long timestampDelta)
    {
        var (prefixWidth, keyWidth, valueWidth) = (Varint.SizeOf(body), Varint.SizeOf(_keyLength), Varint.SizeOf(_valueLength));
        var keyStart = _length + prefixWidth + 1 + Varint.SizeOf(timestampDelta) + Varint.SizeOf(Count) + keyWidth;
        var valueStart = keyStart + Math.Max(_keyLength, 0) + valueWidth;
        // The part that moves to the right goes last-first, so that it does not overwrite what is still to be moved.
        if (keyStart > _keyStart)
        {
            Move(_valueStart, valueStart, _valueLength);
            Move(_keyStart, keyStart, _keyLength);
        }
        else
        {
            Move(_keyStart, keyStart, _keyLength);
            Move(_valueStart, valueStart, _valueLength);
        }

        (_prefixWidth, _keyWidth, _valueWidth) = (prefixWidth, keyWidth, valueWidth);
    }

    private void Move(int from, int to, int length)
    {
        if (from != to && length > 0)
            _buffer.AsSpan(from, length).CopyTo(_buffer.AsSpan(to));
    }

    private InvalidOperationException OutOfOrder(string call) => new(_stage switch
    {
        RecordStage.None or RecordStage.Refused => $"{call}: no record was begun; call BeginRecord first.",
        _ => $"{call}: a record is under way; end it with TryEndRecord or drop it with CancelRecord.",
    });
}
