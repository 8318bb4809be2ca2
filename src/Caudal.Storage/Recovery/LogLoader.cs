using Caudal.Protocol.Records;
using Caudal.Storage.Files;
using Caudal.Storage.Segments;

namespace Caudal.Storage.Recovery;

/// <summary>Opens the files of a partition, and puts them right if the store was not closed in order (Kafka's LogLoader).</summary>
/// <remarks>
/// The steps: remove leftovers; open the segments, scanning those above the recovery point batch by batch and cutting at the first bad one;
/// rebuild the producers from the newest good snapshot on, and with them the indexes of aborted transactions; mend the epochs.
/// </remarks>
internal sealed class LogLoader
{
    // Segments of small batches have an entry long before: an empty index was lost.
    private const int MaxUnindexed = 1 << 20;

    private readonly PartitionDirectory _directory;
    private readonly IndexSource _indexes;
    private readonly LogConfig _config;
    private readonly bool _wasClean;
    private readonly bool _sync;
    private readonly LogCheckpoints _checkpoints;
    private readonly long _nowMs;
    private readonly LoadedLog _log = new();
    private readonly List<LogSegment> _scanned = [];

    // Where the last batch of each opened segment ends, whatever the next one says.
    private readonly List<long> _ends = [];
    private int _lastEpoch = -1;
    private bool _isRebuilt;

    private LogLoader(PartitionDirectory directory, LogConfig config, bool wasClean, bool sync, LogCheckpoints checkpoints, long nowMs)
    {
        _directory = directory;
        _indexes = new IndexSource(directory);
        _config = config;
        _wasClean = wasClean;
        _sync = sync;
        _checkpoints = checkpoints;
        _nowMs = nowMs;
    }

    /// <summary>Opens a partition.</summary>
    /// <param name="directory">Its files.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="wasClean">Whether the store was closed in order.</param>
    /// <param name="sync">Whether the disk must have what is found and mended, because that counts as acknowledged.</param>
    /// <param name="checkpoints">What was known at the last checkpoint.</param>
    /// <param name="nowMs">The time.</param>
    internal static LoadedLog Load(
        PartitionDirectory directory, LogConfig config, bool wasClean, bool sync, LogCheckpoints checkpoints, long nowMs)
    {
        var loader = new LogLoader(directory, config, wasClean, sync, checkpoints, nowMs);
        LeftoverFiles.Remove(directory);
        directory.ReadEpochs(loader._log.Epochs);
        loader.OpenSegments();
        loader.FindBounds(checkpoints.StartOffset);
        loader.RebuildProducers();
        loader.SealScanned();
        loader.MendEpochs();
        return loader._log;
    }

    private void OpenSegments()
    {
        var offsets = _directory.Offsets(FileNames.Log);
        for (var i = 0; i < offsets.Count; i++)
        {
            var isLast = i == offsets.Count - 1;
            var path = _directory.PathOf(offsets[i], FileNames.Log);
            var created = new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeMilliseconds();
            var data = _directory.OpenSegment(offsets[i], FileMode.Open);
            var segment = new LogSegment(offsets[i], created, data, _indexes);
            _log.Segments.Add(segment);
            var isSynced = _wasClean || (!isLast && offsets[i + 1] <= _checkpoints.RecoveryPoint);
            var good = isSynced ? Open(segment, data, isLast ? null : offsets[i + 1]) : Scan(segment, data);
            _ends.Add(isSynced && !isLast ? offsets[i + 1] : segment.NextOffset);
            if (good == data.Size && (isLast || ReachesNext(segment, isSynced, offsets[i + 1])))
                continue;
            CutAt(segment, data, good, offsets.GetRange(i + 1, offsets.Count - i - 1));
            break;
        }

        RemoveLostEnd();
    }

    /// <summary>
    /// Removes empty segments at the end whose predecessor does not reach them. Even compaction leaves the last batch before the active
    /// segment: that it is missing means that it was lost, and its offsets are given out again.
    /// </summary>
    private void RemoveLostEnd()
    {
        var segments = _log.Segments;
        while (segments.Count > 1 && segments[^1].Size == 0 && _ends[segments.Count - 2] < segments[^1].BaseOffset)
        {
            var last = segments[^1];
            segments.RemoveAt(segments.Count - 1);
            _scanned.Remove(last);
            last.Dispose();
            _directory.DeleteSegment(last.BaseOffset);
            segments[^1].EndAt(_ends[segments.Count - 1]);
            _log.EndOffset = segments[^1].NextOffset;
            _isRebuilt = true;
        }
    }

    /// <summary>
    /// Whether what follows follows indeed. Only compaction leaves gaps; else a power cut took the end of a segment and not the next one.
    /// </summary>
    private bool ReachesNext(LogSegment segment, bool isSynced, long nextOffset)
    {
        if (!isSynced && segment.NextOffset < nextOffset && !_config.CleanupCompact && _checkpoints.CleanedOffset < 0)
            return false;
        segment.EndAt(nextOffset);
        return true;
    }

    /// <summary>Opens a segment that the disk has whole, by its indexes.</summary>
    /// <returns>How much of it is good.</returns>
    private int Open(LogSegment segment, FileData data, long? nextOffset)
    {
        if (_indexes.TryLoadTimes(segment) is not { } times || !HasOffsetIndex(segment)
            || _indexes.TryLoadAborted(segment) is not { } aborted
            // Empty, as a power cut may leave it, but not because the records carry no time.
            || (times.Count == 0 && SegmentScan.FirstTimestamp(data) >= 0))
            return Scan(segment, data);
        if (nextOffset is { } next)
        {
            segment.RestoreSealed(times, aborted, next);
            return data.Size;
        }

        if (_indexes.TryLoadOffsets(segment) is not { } offsets)
            return Scan(segment, data);
        segment.Restore(offsets, times, aborted);
        var position = offsets.Entries is [.., var last] ? OffsetIndex.Position(last) : 0;
        segment.RestoreFirstTimestamp(SegmentScan.FirstTimestamp(data));
        var good = SegmentScan.Walk(data, position, segment.BaseOffset, verify: false, (batch, at) => Account(segment, batch, at));
        // Nothing is cut on the word of an index.
        return good == data.Size ? good : Scan(segment, data);
    }

    private void Account(LogSegment segment, RecordBatchView batch, int position)
    {
        segment.Account(batch, position, _config.IndexIntervalBytes);
        _lastEpoch = Math.Max(_lastEpoch, batch.PartitionLeaderEpoch);
    }

    private bool HasOffsetIndex(LogSegment segment)
    {
        var file = new FileInfo(_directory.PathOf(segment.BaseOffset, FileNames.OffsetIndex));
        return file.Exists && file.Length % OffsetIndex.EntrySize == 0 && (file.Length > 0 || segment.Size <= MaxUnindexed);
    }

    private int Scan(LogSegment segment, FileData data)
    {
        segment.Reset();
        _scanned.Add(segment);
        _isRebuilt = true;
        var first = Math.Max(segment.BaseOffset, _log.EndOffset);
        var good = SegmentScan.Walk(data, 0, first, verify: true, (batch, position) =>
        {
            Account(segment, batch, position);
            if (batch.PartitionLeaderEpoch > _log.Epochs.Latest)
                _log.Epochs.Assign(batch.PartitionLeaderEpoch, batch.BaseOffset);
        });
        _log.EndOffset = segment.NextOffset;
        if (good == data.Size && _sync)
            data.Flush();
        return good;
    }

    /// <summary>Writes the indexes of closed segments that were made anew.</summary>
    private void SealScanned()
    {
        foreach (var segment in _scanned)
        {
            if (segment == _log.Segments[^1])
                continue;
            segment.CompleteTimes();
            _indexes.Write(segment, sync: true);
            segment.Seal();
        }
    }

    private void CutAt(LogSegment segment, FileData data, int good, List<long> later)
    {
        _log.Damage =
            (good < data.Size
                ? $"{data.Path} was cut from {data.Size} to {good} bytes, at offset {segment.NextOffset}, where its first bad batch began"
                : $"{data.Path} ends at offset {segment.NextOffset}, before the next segment begins")
            + (later.Count > 0 ? $"; {later.Count} later segments were deleted." : ".");
        data.Truncate(good);
        if (_sync)
            data.Flush();
        foreach (var offset in later)
            _directory.DeleteSegment(offset);
    }

    private void FindBounds(long logStartOffset)
    {
        var segments = _log.Segments;
        var end = segments.Count > 0 ? segments[^1].NextOffset : logStartOffset;
        if (segments.Count == 0 || logStartOffset > end)
        {
            // Nothing is left that may be read.
            foreach (var segment in segments)
            {
                segment.Dispose();
                _directory.DeleteSegment(segment.BaseOffset);
            }

            // Nor is anything known of those who wrote it.
            foreach (var snapshot in _directory.Snapshots())
                _directory.DeleteSnapshot(snapshot);
            segments.Clear();
            _scanned.Clear();
            _isRebuilt = true;
            end = logStartOffset;
            segments.Add(new LogSegment(end, _nowMs, _directory.OpenSegment(end, FileMode.Create), _indexes));
        }

        _log.LogStartOffset = Math.Max(logStartOffset, segments[0].BaseOffset);
        _log.EndOffset = end;
        // Every scanned segment was synced, if at all.
        _log.RecoveryPoint = _wasClean || !_sync ? Math.Min(_checkpoints.RecoveryPoint, end) : end;
    }

    private void RebuildProducers()
    {
        // Who aborted what in a scanned segment follows from the producers as they were at its start.
        var limit = _scanned.Count > 0 ? _scanned[0].BaseOffset : _log.EndOffset;
        var from = _log.Segments[0].BaseOffset;
        var kept = -1L;
        foreach (var offset in _directory.Snapshots())
        {
            if (kept < 0 && offset <= limit && _directory.TryReadSnapshot(offset, _log.Producers))
                from = kept = offset;
            else if (offset > _log.EndOffset || _log.Segments.TrueForAll(s => s.BaseOffset != offset))
                _directory.DeleteSnapshot(offset);
        }

        _isRebuilt |= kept != _log.EndOffset;
        var segments = _log.Segments;
        var isWritten = false;
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            // Once the segments before are deleted, this alone tells what their producers wrote: whether the disk has it is not known.
            if (_sync && i > 0 && segment.BaseOffset > from && _scanned.Contains(segments[i - 1]))
            {
                _directory.WriteSnapshot(segment.BaseOffset, _log.Producers);
                _directory.FlushSnapshot(segment.BaseOffset);
                isWritten = true;
            }

            if (segment.NextOffset <= from || segment.Size == 0)
                continue;
            var position = from <= segment.BaseOffset ? 0 : segment.Offsets.PositionBefore(from - segment.BaseOffset);
            SegmentScan.Walk((FileData)segment.Data, position, segment.BaseOffset, verify: false, (batch, _) =>
            {
                if (batch.BaseOffset >= from && _log.Producers.Add(batch) is { } aborted && _scanned.Contains(segment))
                    segment.AddAborted(aborted);
            });
        }

        if (isWritten)
            _directory.Io.FlushDirectory(_directory.Path);
    }

    private void MendEpochs()
    {
        var epochs = _log.Epochs;
        var before = epochs.Latest;
        epochs.TruncateFrom(_log.EndOffset + 1);
        epochs.TruncateBefore(_log.LogStartOffset);
        _log.WasClean = _wasClean && before >= 0 && !_isRebuilt;
        if (_wasClean && before >= 0)
            return;
        // What was read before the crash may be gone: a new epoch lets consumers notice that offsets are used again.
        epochs.Assign(Math.Max(before, _lastEpoch) + 1, _log.EndOffset);
        _directory.WriteEpochs(epochs, _sync);
    }
}
