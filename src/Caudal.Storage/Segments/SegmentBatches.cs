using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Segments;

/// <summary>Sees a batch during a walk.</summary>
/// <returns>False to end the walk.</returns>
internal delegate bool BatchStep(RecordBatchView batch);

/// <summary>Walks all batches of a closed segment, in memory or in a file, and believes none whose checksum is wrong.</summary>
internal static class SegmentBatches
{
    private const int ReadSize = 256 << 10;

    /// <summary>Walks from the segment's first batch on.</summary>
    /// <returns>False if <paramref name="step"/> ended the walk.</returns>
    /// <exception cref="InvalidDataException">A batch is damaged.</exception>
    internal static bool Walk(LogSegment segment, BatchStep step)
    {
        var size = segment.Size;
        var wanted = ReadSize;
        for (var position = 0; position < size;)
        {
            var bytes = segment.Data.Look(position, Math.Min(wanted, size - position), out var owner);
            using (owner)
            {
                var rest = bytes.Span[..Math.Min(bytes.Length, size - position)];
                var walked = 0;
                while (TryRead(segment, rest[walked..], position + walked, out var batch))
                {
                    if (!step(batch))
                        return false;
                    walked += batch.SizeInBytes;
                }

                position += walked;
                if (walked > 0)
                    continue;
                // Not even one batch: it is larger than the read.
                var needed = rest.Length < RecordBatchHeader.LogOverhead ? RecordBatchHeader.Size : SegmentReader.SizeOf(rest);
                if (needed <= rest.Length || needed > size - position)
                    throw Damaged(segment, position, "it is cut off");
                wanted = needed;
            }
        }

        return true;
    }

    private static bool TryRead(LogSegment segment, ReadOnlySpan<byte> bytes, int position, out RecordBatchView batch)
    {
        batch = default;
        if (bytes.Length < RecordBatchHeader.Size)
            return false;
        try
        {
            if (!RecordBatchView.TryRead(bytes, out batch))
                return false;
        }
        catch (ProtocolException e)
        {
            throw Damaged(segment, position, e.Message);
        }

        return batch.HasValidCrc ? true : throw Damaged(segment, position, "its checksum is wrong");
    }

    private static InvalidDataException Damaged(LogSegment segment, int position, string reason) =>
        new($"The batch at byte {position} of the segment {segment.BaseOffset} is damaged: {reason}.");
}
