using System.Buffers.Binary;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Segments;

/// <summary>Finds batches in a segment by offset: from the index entry before it, then from header to header.</summary>
internal static class SegmentReader
{
    /// <summary>Reads whole batches from the one that holds an offset on, all of them below a bound.</summary>
    internal static ReadOnlyMemory<byte> Read(
        LogSegment segment, long offset, int maxBytes, bool atLeastOneBatch, long bound, out IDisposable? owner)
    {
        var size = segment.Size;
        var position = segment.Offsets.PositionBefore(offset - segment.BaseOffset);
        var wanted = Math.Max(maxBytes, RecordBatchHeader.Size);
        while (position < size)
        {
            var bytes = segment.Data.Look(position, Math.Min(wanted, size - position), out owner);
            var span = bytes.Span;
            var start = 0;
            var needed = SkipTo(span, offset, ref start);
            if (needed == 0)
            {
                var end = Extend(span, start, maxBytes, atLeastOneBatch, bound);
                if (end > start)
                    return bytes[start..end];
                owner?.Dispose();
                break;
            }

            owner?.Dispose();
            position += start;
            wanted = Math.Max(wanted, needed);
        }

        owner = null;
        return default;
    }

    /// <summary>Where a batch lies, as far as the index knows.</summary>
    internal static int EstimatePosition(LogSegment segment, long offset) => segment.Offsets.PositionBefore(offset - segment.BaseOffset);

    internal static long LastOffset(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadInt64BigEndian(header) + BinaryPrimitives.ReadInt32BigEndian(header[RecordBatchHeader.LastOffsetDeltaOffset..]);

    internal static int SizeOf(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadInt32BigEndian(header[RecordBatchHeader.LengthOffset..]) + RecordBatchHeader.LogOverhead;

    /// <summary>Moves to the first batch that ends at an offset or after it.</summary>
    /// <returns>0 if it lies whole in the bytes, else how many bytes are needed from the new start on.</returns>
    private static int SkipTo(ReadOnlySpan<byte> bytes, long offset, ref int start)
    {
        while (true)
        {
            var rest = bytes[start..];
            if (rest.Length < RecordBatchHeader.Size)
                return RecordBatchHeader.Size;
            var size = SizeOf(rest);
            if (LastOffset(rest) >= offset)
                return size <= rest.Length ? 0 : size;
            if (size >= rest.Length)
            {
                start += size;
                return RecordBatchHeader.Size;
            }

            start += size;
        }
    }

    private static int Extend(ReadOnlySpan<byte> bytes, int start, int maxBytes, bool atLeastOneBatch, long bound)
    {
        var end = start;
        while (bytes.Length - end >= RecordBatchHeader.Size)
        {
            var size = SizeOf(bytes[end..]);
            if (size > bytes.Length - end || LastOffset(bytes[end..]) >= bound)
                break;
            if (end + size - start > maxBytes && !(atLeastOneBatch && end == start))
                break;
            end += size;
        }

        return end;
    }
}
