using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Caudal.Protocol.Records;

/// <summary>Reads the primitives of a record, bounded by the record's end.</summary>
internal ref struct RecordReader
{
    internal readonly ReadOnlySpan<byte> Payload;
    internal readonly int Index;
    internal int Position;

    /// <param name="payload">The payload up to where reading may go.</param>
    /// <param name="position">Where to start.</param>
    /// <param name="index">The record's number in its batch, for errors.</param>
    internal RecordReader(ReadOnlySpan<byte> payload, int position, int index)
    {
        Payload = payload;
        Position = position;
        Index = index;
    }

    internal readonly int Remaining => Payload.Length - Position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int ReadVarint(string field)
    {
        var position = Position;
        if ((uint)position < (uint)Payload.Length)
        {
            uint raw = Payload[position++];
            if (raw < 0x80)
            {
                Position = position;
                return (int)(raw >> 1) ^ -(int)(raw & 1);
            }

            if ((uint)position < (uint)Payload.Length && Payload[position] is var next and < 0x80)
            {
                Position = position + 1;
                raw = (raw & 0x7f) | ((uint)next << 7);
                return (int)(raw >> 1) ^ -(int)(raw & 1);
            }
        }

        return ReadLongVarint(field);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long ReadVarlong(string field)
    {
        var position = Position;
        if ((uint)position < (uint)Payload.Length)
        {
            uint raw = Payload[position++];
            if (raw < 0x80)
            {
                Position = position;
                return (int)(raw >> 1) ^ -(int)(raw & 1);
            }

            if ((uint)position < (uint)Payload.Length && Payload[position] is var next and < 0x80)
            {
                Position = position + 1;
                raw = (raw & 0x7f) | ((uint)next << 7);
                return (int)(raw >> 1) ^ -(int)(raw & 1);
            }
        }

        return ReadLongVarlong(field);
    }

    /// <summary>Reads a length that may be −1 for null and takes as many bytes.</summary>
    /// <returns>Where the bytes start.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int TakeNullable(string field, out int length)
    {
        length = ReadVarint(field);
        var start = Position;
        if ((uint)length > (uint)(Payload.Length - start))
        {
            if (length != -1)
                ThrowLength(field, length);
            return start;
        }

        Position = start + length;
        return start;
    }

    [DoesNotReturn]
    internal readonly void ThrowLength(string field, int length) =>
        throw RecordErrors.Record(Index, Position, field, length < 0
            ? $"the length {length} is not valid"
            : $"{length} bytes are needed, {Remaining} remain");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int ReadLongVarint(string field)
    {
        var value = (uint)ReadRaw(32, field);
        return (int)(value >> 1) ^ -(int)(value & 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ReadLongVarlong(string field)
    {
        var value = ReadRaw(64, field);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong ReadRaw(int bits, string field)
    {
        ulong value = 0;
        var start = Position;
        for (var shift = 0; shift < bits; shift += 7)
        {
            if (Position >= Payload.Length)
                throw RecordErrors.Record(Index, start, field, "the record ends inside a varint");
            ulong next = Payload[Position++];
            if (bits - shift < 7 && next >> (bits - shift) != 0)
                break;
            value |= (next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw RecordErrors.Record(Index, start, field, $"a varint is longer than {bits} bits");
    }
}
