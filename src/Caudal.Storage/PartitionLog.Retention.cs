using Caudal.Protocol;

namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    /// <summary>Takes records from the log's start, as DeleteRecords asks. They cannot be read any more; their space is freed segment by segment.</summary>
    /// <param name="offset">The first offset that stays; −1 for the high watermark.</param>
    /// <returns><see cref="ErrorCode.None"/>, <see cref="ErrorCode.OffsetOutOfRange"/> or <see cref="ErrorCode.UnknownTopicOrPartition"/>.</returns>
    public ErrorCode DeleteRecordsBefore(long offset)
    {
        lock (_lock)
        {
            if (_deleted)
                return ErrorCode.UnknownTopicOrPartition;
            if (offset == -1)
                offset = _highWatermark;
            if (offset < 0 || offset > _highWatermark)
                return ErrorCode.OffsetOutOfRange;
            MoveStart_UnderLock(offset);
            DeleteOldest_UnderLock((segment, next) => next is not null && next.BaseOffset <= _logStartOffset);
        }

        _waiters.Notify();
        return ErrorCode.None;
    }

    /// <summary>Deletes old segments by time, size and start offset.</summary>
    internal void RunRetention()
    {
        lock (_lock)
        {
            if (_deleted)
                return;
            var config = _config;
            var nowMs = NowMs;
            DeleteOldest_UnderLock((segment, next) => next is not null && next.BaseOffset <= _logStartOffset);
            if (config.CleanupDelete && config.RetentionMs >= 0)
                DeleteOldest_UnderLock((segment, _) => segment.Size > 0 && nowMs - segment.AgeTimestamp > config.RetentionMs);
            if (config.CleanupDelete && config.RetentionBytes >= 0)
            {
                var excess = SizeInBytes - config.RetentionBytes;
                DeleteOldest_UnderLock((segment, _) => segment.Size > 0 && (excess -= segment.Size) >= 0);
            }
        }

        _waiters.Notify();
    }

    /// <summary>Ends the log: appends and reads fail from now on.</summary>
    internal void MarkDeleted()
    {
        lock (_lock)
            Volatile.Write(ref _deleted, true);
        _waiters.Notify();
    }

    private void DeleteOldest_UnderLock(Func<Segments.LogSegment, Segments.LogSegment?, bool> isOld)
    {
        var segments = _segments;
        var count = 0;
        while (count < segments.Length
            && segments[count].NextOffset <= _highWatermark
            && isOld(segments[count], count + 1 < segments.Length ? segments[count + 1] : null))
        {
            count++;
        }

        if (count == 0)
            return;
        if (count == segments.Length)
        {
            Roll_UnderLock();
            segments = _segments;
        }

        MoveStart_UnderLock(segments[count].BaseOffset);
        Volatile.Write(ref _segments, segments[count..]);
        foreach (var segment in segments.AsSpan(0, count))
            segment.Dispose();
    }

    private void MoveStart_UnderLock(long offset)
    {
        if (offset <= _logStartOffset)
            return;
        Volatile.Write(ref _logStartOffset, offset);
        _epochs.TruncateBefore(offset);
        if (_lastStableOffset < offset)
            Volatile.Write(ref _lastStableOffset, offset);
    }
}
