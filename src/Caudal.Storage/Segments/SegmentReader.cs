using System.Buffers.Binary;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Segments;

/// <summary>Finds batches in a segment by offset: from the index entry before it, then from header to header.</summary>
internal static class SegmentReader
{
    // Reads from a file: enough to cover an index interval, and no more at once than a fetch response wants from one partition.
    private const int SmallestRead = 16 << 10;
    private const int LargestRead = 1 << 20;

    /// <summary>Reads whole batches from the one that holds an offset on, all of them below a bound.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="offset">The first offset wanted.</param>
    /// <param name="maxBytes">The most to return.</param>
    /// <param name="atLeastOneBatch">Whether the first batch may be larger.</param>
    /// <param name="bound">All batches end below it.</param>
    /// <param name="endsBefore">Whether the segment holds nothing at the offset or after it.</param>
    /// <param name="owner">What to dispose when the bytes are no longer needed.</param>
    /// <exception cref="InvalidDataException">The segment's bytes are no batches.</exception>
    internal static ReadOnlyMemory<byte> Read(
        LogSegment segment, long offset, int maxBytes, bool atLeastOneBatch, long bound, out bool endsBefore, out IDisposable? owner)
    {
        var size = segment.Size;
        var entry = segment.Offsets.EntryBefore(offset - segment.BaseOffset);
        var position = OffsetIndex.Position(entry);
        var wanted = Math.Clamp(maxBytes, SmallestRead, LargestRead);
        endsBefore = false;
        while (position < size)
        {
            var bytes = segment.Data.Look(position, Math.Min(wanted, size - position), out owner);
            if (entry != 0 && !IsAt(bytes.Span, segment.BaseOffset + OffsetIndex.RelativeOffset(entry)))
            {
                // The index file was damaged: a walk from the segment's start needs none.
                owner?.Dispose();
                entry = 0;
                position = 0;
                continue;
            }

            entry = 0;
            var start = 0;
            var needed = SkipTo(bytes.Span, offset, ref start);
            if (needed == 0)
            {
                var end = Extend(bytes.Span, start, maxBytes, atLeastOneBatch, bound);
                if (end > start)
                    return bytes[start..end];
                owner?.Dispose();
                owner = null;
                return default;
            }

            owner?.Dispose();
            position += start;
            if (needed < 0 || needed > size - position && position < size)
                throw NoBatch(segment, position);
            wanted = Math.Max(wanted, needed);
        }

        endsBefore = true;
        owner = null;
        return default;
    }

    /// <summary>Where the batch lies that holds an offset or is the next one; the segment's size if there is none.</summary>
    /// <exception cref="InvalidDataException">The segment's bytes are no batches.</exception>
    internal static int PositionOf(LogSegment segment, long offset)
    {
        var size = segment.Size;
        var position = segment.Offsets.PositionBefore(offset - segment.BaseOffset);
        while (position < size)
        {
            var bytes = segment.Data.Look(position, Math.Min(SmallestRead, size - position), out var owner);
            using (owner)
            {
                var start = 0;
                var needed = SkipTo(bytes.Span, offset, ref start);
                position += start;
                if (needed < 0 || (needed == RecordBatchHeader.Size && start == 0))
                    throw NoBatch(segment, position);
                // Its header is enough.
                if (needed != RecordBatchHeader.Size)
                    return position;
            }
        }

        return size;
    }

    internal static long LastOffset(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadInt64BigEndian(header)
        + BinaryPrimitives.ReadInt32BigEndian(header[RecordBatchHeader.LastOffsetDeltaOffset..]);

    internal static int SizeOf(ReadOnlySpan<byte> header) =>
        unchecked(BinaryPrimitives.ReadInt32BigEndian(header[RecordBatchHeader.LengthOffset..]) + RecordBatchHeader.LogOverhead);

    private static InvalidDataException NoBatch(LogSegment segment, int position) =>
        new($"No batch begins at byte {position} of the segment {segment.BaseOffset}.");

    private static bool IsAt(ReadOnlySpan<byte> bytes, long lastOffset) =>
        bytes.Length >= RecordBatchHeader.Size
        && bytes[RecordBatchHeader.MagicOffset] == RecordBatchHeader.Magic
        && LastOffset(bytes) == lastOffset;

    /// <summary>Moves to the first batch that ends at an offset or after it.</summary>
    /// <returns>
    /// 0 if it lies whole in the bytes, −1 if these are no batches, else how many bytes are needed from the new start on.
    /// </returns>
    private static int SkipTo(ReadOnlySpan<byte> bytes, long offset, ref int start)
    {
        while (true)
        {
            var rest = bytes[start..];
            if (rest.Length < RecordBatchHeader.Size)
                return RecordBatchHeader.Size;
            var size = SizeOf(rest);
            if (size < RecordBatchHeader.Size || rest[RecordBatchHeader.MagicOffset] != RecordBatchHeader.Magic)
                return -1;
            if (LastOffset(rest) >= offset)
                return size <= rest.Length ? 0 : size;
            if (size > int.MaxValue - start)
                return -1;
            start += size;
            if (start >= bytes.Length)
                return RecordBatchHeader.Size;
        }
    }

    private static int Extend(ReadOnlySpan<byte> bytes, int start, int maxBytes, bool atLeastOneBatch, long bound)
    {
        var end = start;
        while (bytes.Length - end >= RecordBatchHeader.Size)
        {
            var size = SizeOf(bytes[end..]);
            if (size < RecordBatchHeader.Size || size > bytes.Length - end || LastOffset(bytes[end..]) >= bound)
                break;
            if (end + (long)size - start > maxBytes && !(atLeastOneBatch && end == start))
                break;
            end += size;
        }

        return end;
    }
}
