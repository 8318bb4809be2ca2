using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Compaction;

namespace Caudal.Storage.Segments;

/// <summary>Sees a batch during a walk.</summary>
/// <returns>False to end the walk.</returns>
internal delegate bool BatchStep(RecordBatchView batch);

/// <summary>Walks all batches of a closed segment, in memory or in a file, and believes none whose checksum is wrong.</summary>
internal static class SegmentBatches
{
    private const int ReadSize = 256 << 10;

    /// <summary>Walks from the segment's first batch on, no faster than the throttle allows.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="step">Sees each batch.</param>
    /// <param name="throttle">Counts what is read, and is waited for between the reads.</param>
    /// <param name="stopping">Ends a wait.</param>
    /// <returns>False if <paramref name="step"/> ended the walk.</returns>
    /// <exception cref="InvalidDataException">A batch is damaged.</exception>
    /// <exception cref="OperationCanceledException">The store stops.</exception>
    internal static async ValueTask<bool> WalkAsync(
        LogSegment segment, BatchStep step, IoThrottle throttle, CancellationToken stopping)
    {
        var size = segment.Size;
        var wanted = ReadSize;
        for (var position = 0; position < size;)
        {
            var (walked, needed) = WalkRead(segment, position, Math.Min(wanted, size - position), size, step);
            if (walked < 0)
                return false;
            throttle.Count(walked);
            await throttle.WaitAsync(stopping).ConfigureAwait(false);
            position += walked;
            if (needed > 0)
                wanted = needed;
        }

        return true;
    }

    // How far one read came, -1 if the step ended the walk; and how much must be read if not even one batch was in it.
    private static (int Walked, int Needed) WalkRead(LogSegment segment, int position, int wanted, int size, BatchStep step)
    {
        var bytes = segment.Data.Look(position, wanted, out var owner);
        using (owner)
        {
            var rest = bytes.Span[..Math.Min(bytes.Length, size - position)];
            var walked = 0;
            while (TryRead(segment, rest[walked..], position + walked, out var batch))
            {
                if (!step(batch))
                    return (-1, 0);
                walked += batch.SizeInBytes;
            }

            if (walked > 0)
                return (walked, 0);
            var needed = rest.Length < RecordBatchHeader.LogOverhead ? RecordBatchHeader.Size : SegmentReader.SizeOf(rest);
            if (needed <= rest.Length || needed > size - position)
                throw Damaged(segment, position, "it is cut off");
            return (0, needed);
        }
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
