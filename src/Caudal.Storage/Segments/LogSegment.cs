using Caudal.Protocol.Records;

namespace Caudal.Storage.Segments;

/// <summary>A run of batches with its indexes. One writer under the log's lock, readers without.</summary>
internal sealed class LogSegment : IDisposable
{
    private readonly SegmentData _data;
    private int _bytesSinceIndex;
    private long _nextOffset;
    private long _maxTimestamp = -1;
    private long _offsetOfMaxTimestamp;

    internal LogSegment(long baseOffset, long createdMs, SegmentData data)
    {
        BaseOffset = baseOffset;
        CreatedMs = createdMs;
        _data = data;
        _nextOffset = _offsetOfMaxTimestamp = baseOffset;
    }

    internal long BaseOffset { get; }

    internal long CreatedMs { get; }

    internal SegmentData Data => _data;

    internal OffsetIndex Offsets { get; } = new();

    internal TimeIndex Times { get; } = new();

    internal int Size => _data.Size;

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
        return waited > config.SegmentMs
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
        var maxTimestamp = batch.MaxTimestamp;
        if (position == 0)
            FirstTimestamp = maxTimestamp;
        if (maxTimestamp > _maxTimestamp)
        {
            Volatile.Write(ref _maxTimestamp, maxTimestamp);
            Volatile.Write(ref _offsetOfMaxTimestamp, lastOffset);
        }

        if (_bytesSinceIndex > indexIntervalBytes)
        {
            Offsets.Add((int)(lastOffset - BaseOffset), position);
            Times.Add(_maxTimestamp, (int)(_offsetOfMaxTimestamp - BaseOffset));
            _bytesSinceIndex = 0;
        }

        _bytesSinceIndex += batch.SizeInBytes;
        Volatile.Write(ref _nextOffset, lastOffset + 1);
    }

    public void Dispose() => _data.Dispose();
}
