using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Caudal.Protocol;

/// <summary>Writes Kafka's primitive types into a <see cref="FrameBuffer"/>. Call <see cref="Flush"/> when done.</summary>
/// <remarks>Not thread safe; one writer at a time for a frame.</remarks>
public ref struct KafkaWriter
{
    private readonly FrameBuffer _frame;
    private Span<byte> _span;
    private int _position;

    /// <summary>Writes behind what the frame holds already.</summary>
    public KafkaWriter(FrameBuffer frame)
    {
        _frame = frame;
        _span = frame.Bytes;
        _position = frame.Written;
    }

    /// <summary>Makes what was written visible to the frame.</summary>
    public readonly void Flush() => _frame.Written = _position;

    /// <summary>Writes one byte, 1 for true.</summary>
    public void WriteBoolean(bool value) => Reserve(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes a signed byte.</summary>
    public void WriteInt8(sbyte value) => Reserve(1)[0] = (byte)value;

    /// <summary>Writes two bytes, big-endian.</summary>
    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Reserve(2), value);

    /// <summary>Writes two bytes, big-endian, unsigned.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    /// <summary>Writes four bytes, big-endian.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);

    /// <summary>Writes four bytes, big-endian, unsigned.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    /// <summary>Writes eight bytes, big-endian.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);

    /// <summary>Writes an IEEE 754 double, big-endian.</summary>
    public void WriteFloat64(double value) => BinaryPrimitives.WriteDoubleBigEndian(Reserve(8), value);

    /// <summary>Writes a uuid of 16 bytes.</summary>
    public void WriteUuid(Uuid value) => value.Write(Reserve(16));

    /// <summary>Writes an unsigned varint.</summary>
    public void WriteUnsignedVarint(uint value)
    {
        var room = Reserve(5);
        var size = 0;
        while (value >= 0x80)
        {
            room[size++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[size] = (byte)value;
        _position -= 4 - size;
    }

    /// <summary>Writes a zigzag varint.</summary>
    public void WriteVarint(int value) => WriteUnsignedVarint((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Writes a string or null, as UTF-8.</summary>
    /// <exception cref="ArgumentException">The string takes more than 32,767 bytes in a version that is not flexible.</exception>
    public void WriteString(string? value, bool flexible)
    {
        if (value is null)
        {
            WriteNullLength(flexible, 2);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        if (flexible)
            WriteUnsignedVarint((uint)length + 1);
        else if (length <= short.MaxValue)
            WriteInt16((short)length);
        else
            throw new ArgumentException($"A string of {length} bytes is longer than the protocol's 32767.", nameof(value));
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    /// <summary>Writes bytes or null, copied.</summary>
    public void WriteBytes(byte[]? value, bool flexible)
    {
        if (value is null)
        {
            WriteNullLength(flexible, 4);
            return;
        }

        WriteLength(value.Length, flexible);
        value.CopyTo(Reserve(value.Length));
    }

    /// <summary>Writes record batches: linked in when large, copied when small.</summary>
    public void WriteRecords(ReadOnlyMemory<byte> value, bool flexible)
    {
        WriteLength(value.Length, flexible);
        if (value.Length < FrameBuffer.LinkThreshold)
        {
            value.Span.CopyTo(Reserve(value.Length));
            return;
        }

        Flush();
        _frame.LinkIn(value);
    }

    /// <summary>Writes record batches or null.</summary>
    public void WriteNullableRecords(ReadOnlyMemory<byte>? value, bool flexible)
    {
        if (value is { } records)
            WriteRecords(records, flexible);
        else
            WriteNullLength(flexible, 4);
    }

    /// <summary>Writes the count of an array, −1 for null.</summary>
    public void WriteArrayLength(int count, bool flexible) => WriteLength(count, flexible);

    /// <summary>Starts a tagged field whose size is not known yet.</summary>
    /// <returns>The mark for <see cref="EndTag"/>.</returns>
    public int BeginTag(int tag)
    {
        WriteUnsignedVarint((uint)tag);
        Reserve(1);
        return _position;
    }

    /// <summary>Ends a tagged field and writes its size in front of it.</summary>
    public void EndTag(int mark)
    {
        var size = _position - mark;
        if (size < 0x80)
        {
            _span[mark - 1] = (byte)size;
            return;
        }

        // The size takes more than the one byte that was reserved: move the value up. Fields of type records, which may be linked, are
        // never tagged.
        var extra = VarintSize((uint)size) - 1;
        Reserve(extra);
        _span.Slice(mark, size).CopyTo(_span[(mark + extra)..]);
        var end = _position;
        _position = mark - 1;
        WriteUnsignedVarint((uint)size);
        _position = end;
    }

    /// <summary>Writes bytes as they are.</summary>
    public void WriteRaw(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    private void WriteLength(int length, bool flexible)
    {
        if (flexible)
            WriteUnsignedVarint((uint)(length + 1));
        else
            WriteInt32(length);
    }

    private void WriteNullLength(bool flexible, int size)
    {
        if (flexible)
            WriteUnsignedVarint(0);
        else if (size == 2)
            WriteInt16(-1);
        else
            WriteInt32(-1);
    }

    private static int VarintSize(uint value)
    {
        var size = 1;
        while ((value >>= 7) != 0)
            size++;
        return size;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int count)
    {
        var position = _position;
        if ((uint)count > (uint)(_span.Length - position))
            Grow(count);
        _position = position + count;
        return _span.Slice(position, count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        Flush();
        _frame.Grow(count);
        _span = _frame.Bytes;
    }
}
