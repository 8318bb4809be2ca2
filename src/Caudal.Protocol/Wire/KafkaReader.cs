using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Caudal.Protocol;

/// <summary>Reads Kafka's primitive types from one received frame. Nothing in the frame is trusted.</summary>
/// <remarks>
/// Every read goes through <see cref="Take"/>, the one place that checks bounds; counts of arrays are checked against the bytes that
/// remain before anything is allocated. Schemas cannot nest types in themselves, so the depth of nesting is bounded by the schema. Not
/// thread safe; lives on one stack.
/// </remarks>
public ref struct KafkaReader
{
    private readonly ReadOnlyMemory<byte> _frame;
    private readonly ReadOnlySpan<byte> _span;
    private int _position;
    private string _message;
    private short _version;

    /// <summary>Starts at the frame's first byte. Fields of type <c>records</c> will be slices of this memory, not copies.</summary>
    /// <param name="frame">The frame without its four-byte size.</param>
    public KafkaReader(ReadOnlyMemory<byte> frame)
    {
        _frame = frame;
        _span = frame.Span;
        _message = "frame";
    }

    /// <summary>The position of the next byte, counted from the frame's first.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _span.Length - _position;

    /// <summary>Names the message that is read from here on, for errors.</summary>
    public void Enter(string message, short version)
    {
        _message = message;
        _version = version;
    }

    /// <summary>Reads a byte as true or false; anything but zero is true, as in Kafka.</summary>
    public bool ReadBoolean(string field) => Take(1, field)[0] != 0;

    /// <summary>Reads a signed byte.</summary>
    public sbyte ReadInt8(string field) => (sbyte)Take(1, field)[0];

    /// <summary>Reads two bytes, big-endian.</summary>
    public short ReadInt16(string field) => BinaryPrimitives.ReadInt16BigEndian(Take(2, field));

    /// <summary>Reads two bytes, big-endian, unsigned.</summary>
    public ushort ReadUInt16(string field) => BinaryPrimitives.ReadUInt16BigEndian(Take(2, field));

    /// <summary>Reads four bytes, big-endian.</summary>
    public int ReadInt32(string field) => BinaryPrimitives.ReadInt32BigEndian(Take(4, field));

    /// <summary>Reads four bytes, big-endian, unsigned.</summary>
    public uint ReadUInt32(string field) => BinaryPrimitives.ReadUInt32BigEndian(Take(4, field));

    /// <summary>Reads eight bytes, big-endian.</summary>
    public long ReadInt64(string field) => BinaryPrimitives.ReadInt64BigEndian(Take(8, field));

    /// <summary>Reads an IEEE 754 double, big-endian.</summary>
    public double ReadFloat64(string field) => BinaryPrimitives.ReadDoubleBigEndian(Take(8, field));

    /// <summary>Reads a uuid of 16 bytes.</summary>
    public Uuid ReadUuid(string field) => Uuid.Read(Take(16, field));

    /// <summary>Reads an unsigned varint of at most five bytes.</summary>
    public uint ReadUnsignedVarint(string field)
    {
        var first = Take(1, field)[0];
        return first < 0x80 ? first : ReadLongVarint(first, field);
    }

    /// <summary>Reads a zigzag varint of at most five bytes.</summary>
    public int ReadVarint(string field)
    {
        var raw = ReadUnsignedVarint(field);
        return (int)(raw >> 1) ^ -(int)(raw & 1);
    }

    /// <summary>Reads a string that may not be null.</summary>
    public string ReadString(bool flexible, string field) => ReadNullableString(flexible, field) ?? ThrowNull<string>(field);

    /// <summary>Reads a string or null.</summary>
    public string? ReadNullableString(bool flexible, string field)
    {
        var length = flexible ? ReadCompactLength(field) : ReadInt16(field);
        if (length < 0)
            return length == -1 ? null : ThrowLength<string>(length, field);
        return length == 0 ? string.Empty : Decode(Take(length, field));
    }

    /// <summary>Reads bytes that may not be null, into an array of their own.</summary>
    public byte[] ReadBytes(bool flexible, string field) => ReadNullableBytes(flexible, field) ?? ThrowNull<byte[]>(field);

    /// <summary>Reads bytes or null, into an array of their own: they outlive the frame.</summary>
    public byte[]? ReadNullableBytes(bool flexible, string field)
    {
        var length = flexible ? ReadCompactLength(field) : ReadInt32(field);
        if (length < 0)
            return length == -1 ? null : ThrowLength<byte[]>(length, field);
        return length == 0 ? [] : Take(length, field).ToArray();
    }

    /// <summary>Reads record batches that may not be null, as a slice of the frame.</summary>
    public ReadOnlyMemory<byte> ReadRecords(bool flexible, string field) =>
        ReadNullableRecords(flexible, field) ?? ThrowNull<ReadOnlyMemory<byte>>(field);

    /// <summary>Reads record batches or null, as a slice of the frame: valid only as long as the frame is.</summary>
    public ReadOnlyMemory<byte>? ReadNullableRecords(bool flexible, string field)
    {
        var length = flexible ? ReadCompactLength(field) : ReadInt32(field);
        if (length < 0)
            return length == -1 ? null : ThrowLength<ReadOnlyMemory<byte>?>(length, field);
        var start = _position;
        Take(length, field);
        return _frame.Slice(start, length);
    }

    /// <summary>Reads the count of an array that may not be null, checked against the bytes that remain.</summary>
    /// <param name="flexible">Whether the count is compact.</param>
    /// <param name="minElementSize">The smallest number of bytes that one element takes.</param>
    /// <param name="field">The field's name, for errors.</param>
    public int ReadArrayLength(bool flexible, int minElementSize, string field)
    {
        var count = ReadNullableArrayLength(flexible, minElementSize, field);
        return count >= 0 ? count : ThrowNull<int>(field);
    }

    /// <summary>Reads the count of an array, −1 for null, checked against the bytes that remain.</summary>
    public int ReadNullableArrayLength(bool flexible, int minElementSize, string field)
    {
        var count = flexible ? ReadCompactLength(field) : ReadInt32(field);
        if (count < -1)
            ThrowLength<int>(count, field);
        if (count > 0 && count > Remaining / minElementSize)
            ThrowCount(count, minElementSize, field);
        return count;
    }

    /// <summary>Reads the marker of a nullable struct: false for null.</summary>
    public bool ReadStructMarker(string field) => ReadInt8(field) >= 0;

    /// <summary>Reads the head of one tagged field.</summary>
    /// <param name="end">The position at which the field's value must end.</param>
    public int ReadTag(out int end)
    {
        var tag = ReadUnsignedVarint("tag");
        var size = ReadUnsignedVarint("tag size");
        if (size > (uint)Remaining)
            ThrowTruncated((int)Math.Min(size, int.MaxValue), "tagged field");
        end = _position + (int)size;
        return (int)Math.Min(tag, int.MaxValue);
    }

    /// <summary>Checks that a known tagged field took exactly the bytes that it announced.</summary>
    public readonly void EndTag(int end, string field)
    {
        if (_position != end)
            ThrowTagSize(end, field);
    }

    /// <summary>Skips the value of a tagged field that is not known here.</summary>
    public void SkipTo(int end) => _position = end;

    /// <summary>Skips all tagged fields of a message or struct that knows none.</summary>
    public void SkipTags()
    {
        for (var count = ReadUnsignedVarint("tag count"); count > 0; count--)
        {
            ReadTag(out var end);
            _position = end;
        }
    }

    /// <summary>Hands out the rest of the frame without copying it.</summary>
    public ReadOnlyMemory<byte> ReadRemaining()
    {
        var rest = _frame[_position..];
        _position = _span.Length;
        return rest;
    }

    /// <summary>Takes the next bytes of the frame.</summary>
    /// <exception cref="ProtocolException">Fewer bytes remain.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Take(int count, string field)
    {
        var position = _position;
        if ((uint)count > (uint)(_span.Length - position))
            ThrowTruncated(count, field);
        _position = position + count;
        return _span.Slice(position, count);
    }

    // Names are ASCII nearly always, which takes half the time of counting characters first, as UTF-8 needs.
    private static string Decode(ReadOnlySpan<byte> bytes) => Ascii.IsValid(bytes)
        ? string.Create(bytes.Length, bytes, static (chars, bytes) => Ascii.ToUtf16(bytes, chars, out _))
        : Encoding.UTF8.GetString(bytes);

    private int ReadCompactLength(string field)
    {
        var raw = ReadUnsignedVarint(field);
        return raw <= int.MaxValue ? (int)raw - 1 : ThrowLength<int>(raw - 1L, field);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint ReadLongVarint(uint first, string field)
    {
        var value = first & 0x7f;
        for (var shift = 7; shift <= 28; shift += 7)
        {
            uint next = Take(1, field)[0];
            if (shift == 28 && next > 0x0f)
                break;
            value |= (next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw Fail(field, "a varint is longer than 32 bits");
    }

    [DoesNotReturn]
    private readonly void ThrowTruncated(int count, string field) =>
        throw Fail(field, $"{count} bytes are needed, {Remaining} remain");

    [DoesNotReturn]
    private readonly void ThrowCount(int count, int minElementSize, string field) =>
        throw Fail(field, $"{count} elements of at least {minElementSize} bytes are announced, {Remaining} bytes remain");

    [DoesNotReturn]
    private readonly void ThrowTagSize(int end, string field) =>
        throw Fail(field, $"the tagged field should end at byte {end}");

    [DoesNotReturn]
    private readonly T ThrowLength<T>(long length, string field) => throw Fail(field, $"the length {length} is not valid");

    [DoesNotReturn]
    private readonly T ThrowNull<T>(string field) => throw Fail(field, "the value is null, which this version does not allow");

    private readonly ProtocolException Fail(string field, string what) =>
        new($"{_message} version {_version}, field {field}, byte {_position}: {what}.");
}
