using System.Buffers.Binary;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Files;

namespace Caudal.Storage.Segments;

/// <summary>Sees a batch during a scan.</summary>
/// <param name="batch">The batch.</param>
/// <param name="position">Where it starts in the segment.</param>
internal delegate void BatchVisitor(RecordBatchView batch, int position);

/// <summary>Walks a segment's file batch by batch and finds where it stops making sense.</summary>
internal static class SegmentScan
{
    private const int ReadSize = 1 << 20;

    /// <summary>Walks from a position to the end, or to the first batch that is cut off, damaged or out of order.</summary>
    /// <param name="data">The segment.</param>
    /// <param name="position">Where a batch starts.</param>
    /// <param name="nextOffset">The least offset that the first batch may have.</param>
    /// <param name="verify">Whether checksums are verified.</param>
    /// <param name="visit">Sees each good batch.</param>
    /// <returns>Where the last good batch ends.</returns>
    internal static int Walk(FileData data, int position, long nextOffset, bool verify, BatchVisitor visit)
    {
        var wanted = ReadSize;
        while (position < data.Size)
        {
            var bytes = data.ReadFile(position, Math.Min(wanted, data.Size - position), out var owner);
            using (owner)
            {
                var walked = WalkBytes(bytes.Span, position, ref nextOffset, verify, visit, out wanted);
                position += walked;
                // A batch that the file does not hold whole, or that is no batch at all.
                if (wanted == 0 || wanted > data.Size - position)
                    return position;
                wanted = Math.Max(wanted, ReadSize);
            }
        }

        return position;
    }

    /// <summary>The largest timestamp of the first batch; −1 if the segment has none.</summary>
    internal static long FirstTimestamp(FileData data)
    {
        if (data.Size < RecordBatchHeader.Size)
            return -1;
        var header = data.ReadFile(0, RecordBatchHeader.Size, out var owner);
        using (owner)
            return BinaryPrimitives.ReadInt64BigEndian(header.Span[RecordBatchHeader.MaxTimestampOffset..]);
    }

    private static int WalkBytes(
        ReadOnlySpan<byte> bytes, int position, ref long nextOffset, bool verify, BatchVisitor visit, out int wanted)
    {
        var start = 0;
        while (true)
        {
            wanted = RecordBatchHeader.Size;
            var rest = bytes[start..];
            if (rest.Length < RecordBatchHeader.Size)
                return start;
            var size = SegmentReader.SizeOf(rest);
            wanted = 0;
            if (size < RecordBatchHeader.Size)
                return start;
            RecordBatchView batch;
            try
            {
                if (!RecordBatchView.TryRead(rest, out batch))
                {
                    wanted = size;
                    return start;
                }
            }
            catch (ProtocolException)
            {
                return start;
            }

            if (batch.BaseOffset < nextOffset || (verify && !batch.HasValidCrc))
                return start;
            visit(batch, position + start);
            nextOffset = batch.LastOffset + 1;
            start += size;
        }
    }
}
