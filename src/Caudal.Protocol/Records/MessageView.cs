using System.Buffers.Binary;
using Caudal.Protocol.Partitioning;

namespace Caudal.Protocol.Records;

/// <summary>Reads one whole message of magic 0 or 1 in place, without copying or allocating.</summary>
/// <remarks>
/// Lengths are right when a view exists; the checksum is verified only by <see cref="HasValidCrc"/>. A compressed message wraps others
/// (<see cref="GetMessages"/>) and is none itself. Layout: int64 offset, int32 length, uint32 CRC-32, int8 magic, int8 attributes, in
/// magic 1 int64 timestamp, then key and value with an int32 length each.
/// </remarks>
public readonly ref struct MessageView
{
    private const int LengthOffset = 8;
    private const int CrcOffset = 12;
    private const int MagicOffset = 16;
    private const int AttributesOffset = 17;
    private const int TimestampOffset = 18;
    private const int KeyOffset0 = 18;
    private const int KeyOffset1 = 26;

    private readonly int _keyStart;
    private readonly int _keyLength;
    private readonly int _valueLength;

    private MessageView(
        ReadOnlySpan<byte> bytes, int keyStart, int keyLength, int valueLength, long offset, long timestamp, TimestampType type)
    {
        Bytes = bytes;
        Offset = offset;
        Timestamp = timestamp;
        TimestampType = type;
        _keyStart = keyStart;
        _keyLength = keyLength;
        _valueLength = valueLength;
    }

    /// <summary>The whole message, offset and length included.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The message's offset in its partition; that of the last message inside, if it is compressed.</summary>
    public long Offset { get; }

    /// <summary>The size of the whole message in bytes.</summary>
    public int SizeInBytes => Bytes.Length;

    /// <summary>The version of the format: 0 or 1.</summary>
    public byte Magic => Bytes[MagicOffset];

    /// <summary>The checksum that the message carries.</summary>
    public uint Crc => BinaryPrimitives.ReadUInt32BigEndian(Bytes[CrcOffset..]);

    /// <summary>Whether the bytes are those that the checksum (CRC-32) was made for.</summary>
    public bool HasValidCrc => Crc32.Hash(Bytes[MagicOffset..]) == Crc;

    /// <summary>The number of the compression codec: 0 (none) to 7; Kafka knows 0 to 3 in these formats.</summary>
    public int Codec => Bytes[AttributesOffset] & 7;

    /// <summary>Who set the timestamp; in magic 0, which has none, <see cref="TimestampType.CreateTime"/>.</summary>
    public TimestampType TimestampType { get; }

    /// <summary>Milliseconds since 1970; −1 in magic 0, which has no timestamps.</summary>
    public long Timestamp { get; }

    /// <summary>The key; empty if it is null.</summary>
    public ReadOnlySpan<byte> Key => Bytes.Slice(_keyStart, Math.Max(_keyLength, 0));

    /// <summary>Whether the message has no key, which is not the same as an empty one.</summary>
    public bool IsKeyNull => _keyLength < 0;

    /// <summary>The value, empty if it is null; of a compressed message, what is to be decompressed.</summary>
    public ReadOnlySpan<byte> Value => Bytes.Slice(_keyStart + Math.Max(_keyLength, 0) + sizeof(int), Math.Max(_valueLength, 0));

    /// <summary>Whether the message has no value: a tombstone in compacted topics.</summary>
    public bool IsValueNull => _valueLength < 0;

    /// <summary>Walks the messages that this one wraps.</summary>
    /// <param name="decompressed">The <see cref="Value"/>, decompressed.</param>
    /// <exception cref="InvalidOperationException">The message is not compressed and wraps nothing.</exception>
    /// <exception cref="ProtocolException">What is wrapped are no messages of the same format.</exception>
    public MessageSetEnumerator GetMessages(ReadOnlySpan<byte> decompressed) =>
        Codec == 0 ? throw RecordErrors.NotCompressed() : MessageSetEnumerator.Within(this, decompressed);

    /// <summary>Reads the message at the start of a buffer.</summary>
    /// <param name="buffer">The message; more bytes may follow.</param>
    /// <param name="message">The message, exactly as long as it says.</param>
    /// <returns>False if the buffer ends before the message does, or holds a record batch of magic 2.</returns>
    /// <exception cref="ProtocolException">The bytes are no message of magic 0 or 1.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, out MessageView message) => TryReadAt(buffer, 0, out message);

    /// <summary>As <see cref="TryRead"/>, for a message inside a buffer: errors name positions in the buffer.</summary>
    internal static bool TryReadAt(ReadOnlySpan<byte> buffer, int position, out MessageView message)
    {
        message = default;
        var bytes = buffer[position..];
        if (bytes.Length <= MagicOffset)
            return false;
        var magic = bytes[MagicOffset];
        if (magic == RecordBatchHeader.Magic)
            return false;
        if (magic > 1)
            throw RecordErrors.Message(position + MagicOffset, $"the format's version (magic) is {(sbyte)magic}; 0 and 1 are messages");
        var keyOffset = magic == 0 ? KeyOffset0 : KeyOffset1;
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes[LengthOffset..]);
        if (length < keyOffset + (2 * sizeof(int)) - CrcOffset)
            throw RecordErrors.Message(position + LengthOffset, $"the length {length} is less than a message takes");
        if (bytes.Length - CrcOffset < length)
            return false;
        bytes = bytes[..(CrcOffset + length)];
        var keyStart = keyOffset + sizeof(int);
        var keyLength = Length(bytes, keyOffset, sizeof(int), position);
        var valueLength = Length(bytes, keyStart + Math.Max(keyLength, 0), 0, position);
        if (keyStart + (long)Math.Max(keyLength, 0) + sizeof(int) + Math.Max(valueLength, 0) != bytes.Length)
            throw RecordErrors.Message(position, "bytes follow the value");
        message = new MessageView(
            bytes,
            keyStart,
            keyLength,
            valueLength,
            BinaryPrimitives.ReadInt64BigEndian(bytes),
            magic == 0 ? -1 : BinaryPrimitives.ReadInt64BigEndian(bytes[TimestampOffset..]),
            magic == 0 ? TimestampType.CreateTime : (TimestampType)((bytes[AttributesOffset] >> 3) & 1));
        return true;
    }

    /// <summary>The same message where its wrapper has it.</summary>
    internal MessageView At(long offset, long? logAppendTime) => new(
        Bytes,
        _keyStart,
        _keyLength,
        _valueLength,
        offset,
        logAppendTime ?? Timestamp,
        logAppendTime is null ? TimestampType : TimestampType.LogAppendTime);

    // A length at a place, with at least as many bytes behind what it counts; −1 is null.
    private static int Length(ReadOnlySpan<byte> bytes, int at, int behind, int position)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
        if (length < -1 || length > bytes.Length - at - sizeof(int) - behind)
            throw RecordErrors.Message(position + at, $"a key or value of {length} bytes does not fit into its message");
        return length;
    }
}
