using Caudal.Storage.Files;
using Caudal.Storage.Segments;
using Microsoft.Extensions.Logging;

namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    // Under _lock, but for _flushedOffset, which is read without it.
    private long _flushedOffset;

    // Up to here transactions are ended by markers that the disk has. Written under _lock, read without it.
    private long _flushedStableOffset;
    private string? _failure;
    private bool _cannotWrite;
    private ITimer? _flushTimer;
    private bool _isFlushScheduled;

    // Under _lock: whether the small files lag behind.
    private bool _needsWriting;

    // Under _lock: how many names the directory got that records rest on. The first are those that it has when it is opened: whoever used
    // it last may have promised less.
    private long _nameCount = 1;

    // Only the flusher, and whoever closes the log after it: how many of them the disk has.
    private long _syncedNames;
    private readonly long _nameRequest;

    /// <summary>Up to here the disk has everything.</summary>
    internal long RecoveryPoint => Volatile.Read(ref _flushedOffset);

    /// <summary>The log's place with the flusher, which guards it.</summary>
    internal GroupFlusher.Turn FlushTurn { get; } = new();

    /// <summary>Whether a sync failed: what the disk has is not known any more.</summary>
    internal bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>Brings everything to the disk that was appended before the call. One call at a time.</summary>
    internal void Flush()
    {
        if (_directory is null || HasFailed || !IsOpen)
            return;
        long end;
        long stable;
        long names;
        LogSegment[] segments;
        lock (_lock)
        {
            end = _endOffset;
            names = _nameCount;
            stable = _producers.FirstOpenOffset(end);
            segments = _segments;
            _isFlushScheduled = false;
        }

        try
        {
            FlushFiles(segments, names);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // A log that was deleted meanwhile has no files to sync.
            if (IsOpen)
                Fail(e);
            return;
        }

        lock (_lock)
        {
            Volatile.Write(ref _flushedOffset, Math.Max(end, _flushedOffset));
            Volatile.Write(ref _flushedStableOffset, stable);
            if (_context.Durability == Durability.Group)
                MoveHighWatermark_UnderLock(end);
        }

        if (_context.Durability == Durability.Group)
            _waiters.Notify();
    }

    /// <summary>Asks for a sync, and completes when it was tried: <see cref="RecoveryPoint"/> tells how far it came.</summary>
    internal Task FlushAsync() => _context.Flusher?.Request(this) ?? Task.CompletedTask;

    /// <summary>Takes no more appends.</summary>
    internal void BeginClose()
    {
        lock (_lock)
        {
            if (_state != State.Open)
                return;
            _state = State.Closing;
        }
    }

    /// <summary>
    /// Closes the log in order, after <see cref="BeginClose"/>: the disk has everything, and the next start needs no recovery.
    /// </summary>
    /// <returns>False if that failed.</returns>
    internal bool Close()
    {
        if (!IsOpen)
            return true;
        var isClean = false;
        try
        {
            // Else the next start would find damage.
            var last = Segments[^1].Data as FileData;
            if (!HasFailed)
                last?.CutTorn();
            if (RecoveryPoint < EndOffset || last?.IsCutUnsynced == true)
                Flush();
            isClean = !HasFailed;
            if (_directory is not null && isClean && _needsWriting)
                WriteSmallFiles();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
            isClean = false;
        }

        Release(State.Closed);
        _waiters.Notify();
        return isClean;
    }

    /// <summary>Lets go of the files as a killed process does: nothing is written.</summary>
    internal void Abandon()
    {
        Release(State.Closed);
        _waiters.Notify();
    }

    /// <summary>Ends the log: appends and reads fail from now on, its files go. The caller calls <see cref="NotifyWaiters"/>.</summary>
    internal void Delete()
    {
        Release(State.Deleted);
        _directory?.Remove(Topic, Partition, Config.FileDeleteDelayMs);
    }

    internal void NotifyWaiters() => _waiters.Notify();

    private void Release(State state)
    {
        LogSegment[] segments;
        lock (_lock)
        {
            if (!IsOpen)
                return;
            _state = state;
            segments = _segments;
            _flushTimer?.Dispose();
        }

        foreach (var segment in segments)
            segment.Dispose();
        _directory?.Tail.Clear();
    }

    private void FlushFiles(LogSegment[] segments, long names)
    {
        var flushed = _flushedOffset;
        var hasSealed = false;
        for (var i = 0; i < segments.Length; i++)
        {
            var segment = segments[i];
            try
            {
                var data = (FileData)segment.Data;
                if ((segment.NextOffset > flushed && segment.Size > 0) || data.IsCutUnsynced)
                    data.Flush();
                if (i < segments.Length - 1 && !segment.IsSealed && !segment.IsCleaned)
                {
                    hasSealed = true;
                    TrySeal(segment, segments[i + 1].BaseOffset);
                }
            }
            catch (Exception e) when (e is ObjectDisposedException or IOException && Array.IndexOf(Segments, segment) < 0)
            {
                // Retention took the segment meanwhile.
            }
        }

        // Whatever became of the seal, the disk must not bring older indexes back.
        if (!hasSealed && (names == _syncedNames || !MustSyncNames(Config)))
            return;
        // The names of new segments, and on the first time of the partition itself.
        if (_syncedNames == 0)
            _directory!.FlushSmallFiles();
        _directory!.Io.FlushDirectory(_directory.Path);
        _context.Names!.Complete(_nameRequest);
        _syncedNames = names;
    }

    // Else nothing is promised about power cuts, and the names need no sync of their own.
    private bool MustSyncNames(LogConfig config) =>
        _context.SurvivesPowerCuts || config.FlushMessages != long.MaxValue || config.FlushMs != long.MaxValue;

    /// <summary>
    /// Writes a closed segment's indexes. If that fails they stay in memory, and the next flush tries again: recovery can make them anew.
    /// </summary>
    private void TrySeal(LogSegment segment, long nextOffset)
    {
        try
        {
            // Once the segment is deleted, nothing else tells what its producers wrote.
            if (_context.SurvivesPowerCuts)
                _directory!.FlushSnapshot(nextOffset);
            WriteIndexes(segment, seal: true, sync: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && IsOpen)
        {
            Log.CannotWrite(_context.Logger, Name, e.Message);
        }
    }

    private void WriteSmallFiles()
    {
        lock (_lock)
            _directory!.WriteSnapshot(_endOffset, _producers);
        // After an orderly end they are believed.
        WriteIndexes(Segments[^1], seal: false, sync: _context.SurvivesPowerCuts);
        if (_epochs.IsChanged)
            WriteEpochs();
    }

    private void WriteIndexes(LogSegment segment, bool seal, bool sync)
    {
        segment.CompleteTimes();
        _indexes!.Write(segment, sync);
        if (seal)
            segment.Seal();
    }

    /// <summary>
    /// Honours <c>flush.ms</c> and the interval of the store: a sync is due so long after the first record that waits for one.
    /// </summary>
    private void ScheduleFlush_UnderLock(LogConfig config)
    {
        var flushMs = Math.Min(config.FlushMs, _context.MaxFlushMs);
        if (flushMs == long.MaxValue || _context.Flusher is null || _isFlushScheduled)
            return;
        _isFlushScheduled = true;
        _flushTimer ??= _context.Time.CreateTimer(
            static log => _ = ((PartitionLog)log!)._context.Flusher!.Request((PartitionLog)log),
            this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _flushTimer.Change(TimeSpan.FromMilliseconds(Math.Clamp(flushMs, 0, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// After a failed write the log goes on: what was half written is overwritten by the next append, or cut on recovery.
    /// </summary>
    private string NoteWriteFailure_UnderLock(Exception e)
    {
        if (!_cannotWrite)
            Log.CannotWrite(_context.Logger, Name, e.Message);
        _cannotWrite = true;
        return $"Writing the log of {Name} failed: {e.Message} Nothing was appended; it is tried again with the next append.";
    }

    /// <summary>
    /// After a failed sync nobody knows what the disk has (the system may have dropped the pages): the log takes no more appends.
    /// </summary>
    private void Fail(Exception e)
    {
        lock (_lock)
            _failure ??= $"Syncing the log of {Name} failed: {e.Message} It takes no more records until the broker is restarted.";
        Log.CannotSync(_context.Logger, Name, e.Message);
    }

    private static partial class Log
    {
        [LoggerMessage(3011, LogLevel.Error, "Writing the log of {Log} failed, producers are refused until it succeeds: {Reason}")]
        internal static partial void CannotWrite(ILogger logger, string log, string reason);

        [LoggerMessage(3012, LogLevel.Error, "Syncing the log of {Log} failed, it takes no more records until a restart: {Reason}")]
        internal static partial void CannotSync(ILogger logger, string log, string reason);

        [LoggerMessage(3013, LogLevel.Error, "Reading the log of {Log} at offset {Offset} failed: {Reason}")]
        internal static partial void CannotRead(ILogger logger, string log, long offset, string reason);

        [LoggerMessage(3014, LogLevel.Error, "Deleting old segments of {Log} failed, it is tried again with the next run: {Reason}")]
        internal static partial void CannotDelete(ILogger logger, string log, string reason);
    }
}
