using Caudal.Protocol;
using Caudal.Storage.Segments;

namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    /// <summary>
    /// Takes records from the log's start, as DeleteRecords asks (KIP-107). They cannot be read any more, not even after a crash; their
    /// space is freed segment by segment. Appends go on at the end.
    /// </summary>
    /// <param name="offset">
    /// The first offset that stays; −1 for the high watermark. Below <see cref="LogStartOffset"/> nothing changes.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting for the file; the records stay deleted.</param>
    /// <returns>
    /// <see cref="ErrorCode.None"/>: <see cref="LogStartOffset"/> is the answer's low watermark;
    /// <see cref="ErrorCode.OffsetOutOfRange"/>, <see cref="ErrorCode.PolicyViolation"/> if the log is only compacted,
    /// <see cref="ErrorCode.KafkaStorageError"/> if the new start cannot be written, <see cref="ErrorCode.UnknownTopicOrPartition"/>, or
    /// <see cref="ErrorCode.NotLeaderOrFollower"/> if the store is closed.
    /// </returns>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public async ValueTask<ErrorCode> DeleteRecordsAsync(long offset, CancellationToken cancellationToken = default)
    {
        var config = Config;
        if (config.CleanupCompact && !config.CleanupDelete)
            return ErrorCode.PolicyViolation;
        lock (_lock)
        {
            if (_state != State.Open)
                return GoneError();
            if (offset == -1)
                offset = _highWatermark;
            if (offset < 0 || offset > _highWatermark)
                return ErrorCode.OffsetOutOfRange;
            MoveStart_UnderLock(offset);
        }

        // A start beyond what the disk has would make the end of the log the start after a power cut.
        if (_context.SurvivesPowerCuts && RecoveryPoint < offset)
            await FlushAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The new start first: segments that are gone tell it as well, but not where inside of a segment it lies.
            if (_context.StartOffsets is { } checkpoint)
            {
                var request = checkpoint.Request();
                await Task.Run(() => checkpoint.Complete(request), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.CannotDelete(_context.Logger, Name, e.Message);
            return ErrorCode.KafkaStorageError;
        }

        Clean(deleteOld: false);
        return ErrorCode.None;
    }

    /// <summary>Deletes old segments by start offset, time and size.</summary>
    internal void RunRetention() => Clean(deleteOld: true);

    /// <summary>Forgets idempotent producers that were silent for long.</summary>
    internal void ExpireProducers(TimeSpan silence)
    {
        lock (_lock)
            _producers.RemoveBefore(NowMs - (long)silence.TotalMilliseconds);
    }

    private void Clean(bool deleteOld)
    {
        try
        {
            lock (_lock)
            {
                if (_state != State.Open)
                    return;
                // Compaction reads them; the next run finds them.
                if (_isCompacting)
                    return;
                DeleteOldest_UnderLock((_, next) => next is not null && next.BaseOffset <= _logStartOffset);
                if (deleteOld)
                    DeleteOld_UnderLock(_config, NowMs);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.CannotDelete(_context.Logger, Name, e.Message);
        }

        _waiters.Notify();
    }

    private void DeleteOld_UnderLock(LogConfig config, long nowMs)
    {
        if (config.CleanupDelete && config.RetentionMs >= 0)
        {
            // Compaction may leave an empty segment at the start.
            DeleteOldest_UnderLock((segment, next) =>
                (segment.Size > 0 || next is not null) && nowMs - segment.AgeTimestamp > config.RetentionMs);
        }

        if (config.CleanupDelete && config.RetentionBytes >= 0)
        {
            // Whole segments only: the log stays at least as large as the limit.
            var excess = SizeInBytes - config.RetentionBytes;
            DeleteOldest_UnderLock((segment, next) => (segment.Size > 0 || next is not null) && (excess -= segment.Size) >= 0);
        }
    }

    private void DeleteOldest_UnderLock(Func<LogSegment, LogSegment?, bool> isOld)
    {
        var segments = _segments;
        var count = 0;
        // Where power cuts are survived, the snapshot that stands for a segment's producers has to be on the disk first.
        var bound = _context.SurvivesPowerCuts ? Math.Min(_highWatermark, _flushedOffset) : _highWatermark;
        while (count < segments.Length
            && segments[count].NextOffset <= bound
            && isOld(segments[count], count + 1 < segments.Length ? segments[count + 1] : null))
        {
            count++;
        }

        if (count == 0)
            return;
        if (count == segments.Length)
        {
            // The active segment goes as well: a new one takes its place first.
            Roll_UnderLock();
            segments = _segments;
        }

        // What is sealed has the snapshot after it on the disk; else the flusher did not come to it yet, and will not find it any more.
        if (_context.SurvivesPowerCuts && !segments[count - 1].IsSealed)
        {
            _directory!.FlushSnapshot(segments[count].BaseOffset);
            _directory.Io.FlushDirectory(_directory.Path);
        }

        MoveStart_UnderLock(segments[count].BaseOffset);
        Volatile.Write(ref _segments, segments[count..]);
        foreach (var segment in segments.AsSpan(0, count))
        {
            _directory?.RemoveSegment(segment, _config.FileDeleteDelayMs);
            segment.Dispose();
        }
    }

    private void MoveStart_UnderLock(long offset)
    {
        if (offset <= _logStartOffset)
            return;
        Volatile.Write(ref _logStartOffset, offset);
        _needsWriting = true;
        _epochs.TruncateBefore(offset);
        if (_lastStableOffset < offset)
            Volatile.Write(ref _lastStableOffset, offset);
    }
}
