using System.Buffers.Binary;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Segments;

/// <summary>A run of batches with its indexes. One writer under the log's lock, readers without.</summary>
internal sealed class LogSegment : IDisposable
{
    private readonly SegmentData _data;
    private readonly IndexSource? _source;
    private OffsetIndex? _offsets;
    private TimeIndex? _times;
    private TransactionIndex? _aborted = TransactionIndex.Empty;
    private WeakReference<OffsetIndex>? _loadedOffsets;
    private WeakReference<TransactionIndex>? _loadedAborted;
    private int _bytesSinceIndex;
    private long _nextOffset;
    private long _maxTimestamp = -1;
    private long _offsetOfMaxTimestamp;

    /// <param name="baseOffset">The first offset.</param>
    /// <param name="createdMs">When it was made, for segments whose records carry no time.</param>
    /// <param name="data">Its bytes; the segment owns them.</param>
    /// <param name="source">Where closed segments find their indexes again; null in memory.</param>
    internal LogSegment(long baseOffset, long createdMs, SegmentData data, IndexSource? source = null)
    {
        BaseOffset = baseOffset;
        CreatedMs = createdMs;
        _data = data;
        _source = source;
        _offsets = new OffsetIndex();
        _times = new TimeIndex();
        _nextOffset = _offsetOfMaxTimestamp = baseOffset;
    }

    internal long BaseOffset { get; }

    internal long CreatedMs { get; }

    /// <summary>Whether compaction wrote the segment: it alone writes and seals its indexes.</summary>
    internal bool IsCleaned { get; init; }

    /// <summary>By how much the segment is closed before its time.</summary>
    internal long JitterMs { get; init; }

    internal SegmentData Data => _data;

    internal int Size => _data.Size;

    /// <summary>Whether its indexes are in files, and not kept in memory.</summary>
    internal bool IsSealed => Volatile.Read(ref _offsets) is null;

    internal OffsetIndex Offsets => Volatile.Read(ref _offsets) ?? LoadOffsets();

    internal TimeIndex Times => Volatile.Read(ref _times) ?? _source!.LoadTimes(this);

    /// <summary>The transactions that a marker in this segment aborted.</summary>
    internal TransactionIndex Aborted => Volatile.Read(ref _aborted) ?? LoadAborted();

    /// <summary>Whether there is one.</summary>
    internal bool HasAborted => Volatile.Read(ref _aborted) is not { Count: 0 };

    /// <summary>The offset after the last batch.</summary>
    internal long NextOffset => Volatile.Read(ref _nextOffset);

    /// <summary>The largest timestamp so far; −1 if there is none.</summary>
    internal long MaxTimestamp => Volatile.Read(ref _maxTimestamp);

    /// <summary>The last offset of the batch that has <see cref="MaxTimestamp"/>.</summary>
    internal long OffsetOfMaxTimestamp => Volatile.Read(ref _offsetOfMaxTimestamp);

    /// <summary>The first batch's largest timestamp, from which the segment's age counts; −1 if there is none.</summary>
    internal long FirstTimestamp { get; private set; } = -1;

    /// <summary>The time for retention: the largest timestamp, or the creation if records carry none.</summary>
    internal long AgeTimestamp => MaxTimestamp >= 0 ? MaxTimestamp : CreatedMs;

    /// <summary>Whether a batch belongs into a new segment (Kafka's LogSegment.shouldRoll).</summary>
    internal bool ShouldRoll(LogConfig config, int batchSize, long lastOffset, long maxTimestamp, long nowMs)
    {
        if (lastOffset - BaseOffset > int.MaxValue)
            return true;
        if (Size == 0)
            return false;
        if (Size > config.SegmentBytes - batchSize)
            return true;
        var waited = FirstTimestamp >= 0 && maxTimestamp >= 0 ? maxTimestamp - FirstTimestamp : nowMs - CreatedMs;
        return waited > config.MaxSegmentMs - JitterMs
            || Offsets.Count >= config.SegmentIndexBytes / OffsetIndex.EntrySize
            || Times.Count >= (config.SegmentIndexBytes / TimeIndex.EntrySize) - 1;
    }

    /// <summary>Appends one batch whose offsets are assigned.</summary>
    /// <exception cref="IOException">It could not be written; the segment is as before.</exception>
    internal void Append(RecordBatchView batch, int indexIntervalBytes)
    {
        var position = Size;
        _data.Append(batch.Bytes);
        Account(batch, position, indexIntervalBytes);
    }

    /// <summary>Takes a batch that lies in the segment into indexes and bounds: after an append, or when they are rebuilt.</summary>
    internal void Account(RecordBatchView batch, int position, int indexIntervalBytes)
    {
        var lastOffset = batch.LastOffset;
        if (position == 0)
            FirstTimestamp = batch.MaxTimestamp;
        NoteTimestamp(batch.MaxTimestamp, lastOffset);
        if (_bytesSinceIndex > indexIntervalBytes)
        {
            _offsets!.Add((int)(lastOffset - BaseOffset), position);
            AddTime();
            _bytesSinceIndex = 0;
        }

        _bytesSinceIndex += batch.SizeInBytes;
        Volatile.Write(ref _nextOffset, lastOffset + 1);
    }

    /// <summary>Notes a transaction that a marker in this segment aborted.</summary>
    internal void AddAborted(AbortedTransaction aborted)
    {
        var index = _aborted ?? LoadAborted();
        if (index.Count == 0)
            index = new TransactionIndex();
        index.Add(aborted);
        Volatile.Write(ref _aborted, index);
    }

    /// <summary>Takes over the indexes of an active segment from its files; <see cref="Account"/> goes on from the last entry.</summary>
    internal void Restore(OffsetIndex offsets, TimeIndex times, TransactionIndex aborted)
    {
        _offsets = offsets;
        _times = times;
        _aborted = aborted;
        RestoreBounds(times, BaseOffset);
    }

    /// <summary>Takes over what is known of a closed segment; its indexes stay in the files.</summary>
    internal void RestoreSealed(TimeIndex times, TransactionIndex aborted, long nextOffset)
    {
        RestoreBounds(times, nextOffset);
        _aborted = aborted;
        Seal();
    }

    /// <summary>Says that the next segment begins at an offset: compaction may have removed the last batches before it.</summary>
    internal void EndAt(long nextOffset) => Volatile.Write(ref _nextOffset, nextOffset);

    /// <summary>The largest timestamp of the first batch, from the bytes if it is not known; −1 if there is none.</summary>
    internal long FindFirstTimestamp()
    {
        if (FirstTimestamp >= 0 || Size < RecordBatchHeader.Size)
            return FirstTimestamp;
        var header = _data.Look(0, RecordBatchHeader.Size, out var owner);
        using (owner)
            return BinaryPrimitives.ReadInt64BigEndian(header.Span[RecordBatchHeader.MaxTimestampOffset..]);
    }

    internal void RestoreFirstTimestamp(long timestamp) => FirstTimestamp = timestamp;

    /// <summary>Ends the time index: its last entry is the segment's largest timestamp.</summary>
    internal void CompleteTimes()
    {
        if (_maxTimestamp >= 0)
            AddTime();
    }

    /// <summary>Gives up the indexes in memory: they are in the files now.</summary>
    internal void Seal()
    {
        Volatile.Write(ref _offsets, null);
        Volatile.Write(ref _times, null);
        // That there is nothing is remembered: readers ask often.
        if (_aborted is { Count: > 0 })
            Volatile.Write(ref _aborted, null);
    }

    /// <summary>Forgets indexes and bounds before they are rebuilt.</summary>
    internal void Reset()
    {
        _offsets = new OffsetIndex();
        _times = new TimeIndex();
        _aborted = TransactionIndex.Empty;
        _bytesSinceIndex = 0;
        _maxTimestamp = FirstTimestamp = -1;
        _nextOffset = _offsetOfMaxTimestamp = BaseOffset;
    }

    public void Dispose() => _data.Dispose();

    private void AddTime() => _times!.Add(_maxTimestamp, (int)(_offsetOfMaxTimestamp - BaseOffset));

    private void NoteTimestamp(long timestamp, long lastOffset)
    {
        if (timestamp <= _maxTimestamp)
            return;
        Volatile.Write(ref _maxTimestamp, timestamp);
        Volatile.Write(ref _offsetOfMaxTimestamp, lastOffset);
    }

    private void RestoreBounds(TimeIndex times, long nextOffset)
    {
        if (times.Entries is [.., var last])
            NoteTimestamp(last.Timestamp, BaseOffset + last.RelativeOffset);
        Volatile.Write(ref _nextOffset, nextOffset);
    }

    private TransactionIndex LoadAborted()
    {
        if (_loadedAborted?.TryGetTarget(out var known) == true)
            return known;
        var loaded = _source!.LoadAborted(this);
        _loadedAborted = new WeakReference<TransactionIndex>(loaded);
        return loaded;
    }

    private OffsetIndex LoadOffsets()
    {
        if (_loadedOffsets?.TryGetTarget(out var known) == true)
            return known;
        var loaded = _source!.LoadOffsets(this);
        _loadedOffsets = new WeakReference<OffsetIndex>(loaded);
        return loaded;
    }
}
