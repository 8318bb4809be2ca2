using System.Buffers;
using Caudal.Compression;

namespace Caudal.Storage.Compaction;

/// <summary>Writes a record anew with another timestamp delta; all else stays as it is, byte for byte.</summary>
internal static class RecordRebase
{
    // A 64-bit varint has ten bytes at most.
    private const int MaxVarint = 10;

    /// <param name="record">The whole record, its length prefix included, checked before.</param>
    /// <param name="timestampDelta">The new delta.</param>
    /// <param name="output">Where it goes.</param>
    internal static void Write(ReadOnlySpan<byte> record, long timestampDelta, PooledBuffer output)
    {
        var attributes = EndOfVarint(record, 0);
        var rest = record[EndOfVarint(record, attributes + 1)..];
        Span<byte> delta = stackalloc byte[MaxVarint];
        var deltaSize = WriteVarint(delta, timestampDelta);
        var head = output.GetSpan(MaxVarint + 1);
        var length = WriteVarint(head, 1 + deltaSize + rest.Length);
        head[length] = record[attributes];
        output.Advance(length + 1);
        output.Write(delta[..deltaSize]);
        output.Write(rest);
    }

    private static int EndOfVarint(ReadOnlySpan<byte> bytes, int position)
    {
        while (bytes[position] >= 0x80)
            position++;
        return position + 1;
    }

    // Zigzag, seven bits a byte, the lowest first.
    private static int WriteVarint(Span<byte> bytes, long value)
    {
        var raw = (ulong)((value << 1) ^ (value >> 63));
        var position = 0;
        for (; raw >= 0x80; raw >>= 7)
            bytes[position++] = (byte)(raw | 0x80);
        bytes[position++] = (byte)raw;
        return position;
    }
}
