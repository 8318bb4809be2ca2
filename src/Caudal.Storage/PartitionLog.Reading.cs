using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Segments;

namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    /// <summary>Reads whole batches from the one that holds an offset on.</summary>
    /// <param name="offset">The first offset wanted; the first batch may begin before it.</param>
    /// <param name="maxBytes">
    /// The most to return, in bytes. Less may come although there is more: read on from the end of what came.
    /// </param>
    /// <param name="atLeastOneBatch">Whether the first batch is returned even if it is larger than <paramref name="maxBytes"/>.</param>
    /// <param name="upperBound">
    /// Only batches that end below this offset are returned: <see cref="HighWatermark"/> for consumers (the default, also for larger
    /// values), <see cref="LastStableOffset"/> for those that read committed records.
    /// </param>
    /// <returns>The batches; dispose the result when they are no longer needed.</returns>
    public ReadResult Read(long offset, int maxBytes, bool atLeastOneBatch, long upperBound = long.MaxValue)
    {
        if (!IsOpen)
            return ReadResult.Failed(GoneError());
        while (true)
        {
            var segments = Segments;
            try
            {
                return ReadOnce(offset, maxBytes, atLeastOneBatch, upperBound);
            }
            catch (ObjectDisposedException) when (IsOpen && segments != Segments)
            {
                // Compaction or retention took the file from under the read: there is a new list of segments.
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidDataException)
            {
                // Retention or the log's end may have taken the file from under the read.
                if (!IsOpen)
                    return ReadResult.Failed(GoneError());
                if (offset < LogStartOffset)
                    return ReadResult.Failed(ErrorCode.OffsetOutOfRange);
                Log.CannotRead(_context.Logger, Name, offset, e.Message);
                return ReadResult.Failed(ErrorCode.KafkaStorageError);
            }
        }
    }

    /// <summary>How many bytes a read from an offset could return by now: for waiting until enough are there.</summary>
    /// <param name="offset">The first offset wanted.</param>
    /// <param name="upperBound">As for <see cref="Read"/>.</param>
    /// <returns>The size of the batches in question, never 0 if there are any; 0 for an offset that is out of range.</returns>
    public long AvailableBytes(long offset, long upperBound = long.MaxValue)
    {
        var bound = Math.Min(upperBound, HighWatermark);
        if (!IsOpen || offset < LogStartOffset || offset >= bound)
            return 0;
        try
        {
            var total = 0L;
            foreach (var segment in Segments)
            {
                if (segment.NextOffset <= offset || segment.BaseOffset >= bound)
                    continue;
                var to = segment.NextOffset <= bound ? segment.Size : SegmentReader.PositionOf(segment, bound);
                var from = segment.BaseOffset >= offset ? 0 : SegmentReader.PositionOf(segment, offset);
                total += Math.Max(0, to - from);
            }

            return Math.Max(total, RecordBatchHeader.Size);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidDataException)
        {
            // Whoever waits shall read and get the error.
            return int.MaxValue;
        }
    }

    private ReadResult ReadOnce(long offset, int maxBytes, bool atLeastOneBatch, long upperBound)
    {
        var highWatermark = HighWatermark;
        var lastStable = Math.Min(LastStableOffset, highWatermark);
        var start = LogStartOffset;
        if (offset < start || offset > EndOffset)
            return ReadResult.Failed(ErrorCode.OffsetOutOfRange);
        var records = ReadSegments(offset, maxBytes, atLeastOneBatch, Math.Min(upperBound, highWatermark), out var owner);
        return new ReadResult(ErrorCode.None, records, owner, highWatermark, lastStable, start);
    }

    private ReadOnlyMemory<byte> ReadSegments(long offset, int maxBytes, bool atLeastOneBatch, long bound, out IDisposable? owner)
    {
        owner = null;
        // Compaction may have left nothing behind the offset in its own segment: then the next one has the next batch.
        var segments = Segments;
        for (var i = IndexOf(segments, offset); i >= 0 && i < segments.Length && segments[i].BaseOffset < bound; i++)
        {
            var records = SegmentReader.Read(segments[i], offset, maxBytes, atLeastOneBatch, bound, out var endsBefore, out owner);
            if (!endsBefore)
                return records;
        }

        return default;
    }
}
