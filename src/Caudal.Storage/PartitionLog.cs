using Caudal.Protocol;
using Caudal.Storage.Files;
using Caudal.Storage.Producers;
using Caudal.Storage.Recovery;
using Caudal.Storage.Segments;

namespace Caudal.Storage;

/// <summary>The log of one partition: appends at its end, reads anywhere, searches by time.</summary>
/// <remarks>
/// Thread safe: one short lock orders the writers, readers take none. What an append acknowledged stays at its offset until retention,
/// <see cref="DeleteRecordsAsync"/> or the log's deletion takes it.
/// </remarks>
public sealed partial class PartitionLog
{
    private readonly Lock _lock = new();
    private readonly LogContext _context;
    private readonly PartitionDirectory? _directory;
    private readonly IndexSource? _indexes;
    private readonly AdvanceWaiters _waiters = new();
    private readonly LeaderEpochs _epochs;

    // Under _lock.
    private readonly ProducerStates _producers;

    // Written under _lock, read without it: the list is replaced, never changed.
    private LogSegment[] _segments;
    private long _logStartOffset;
    private long _endOffset;
    private long _highWatermark;
    private long _lastStableOffset;
    private LogConfig _config;
    private volatile State _state;

    /// <summary>Makes an empty log.</summary>
    internal PartitionLog(string topic, int partition, Uuid topicId, LogConfig config, LogContext context, PartitionDirectory? directory)
    {
        Topic = topic;
        Partition = partition;
        TopicId = topicId;
        _config = config;
        _context = context;
        _directory = directory;
        _indexes = directory is null ? null : new IndexSource(directory);
        _producers = new ProducerStates();
        _epochs = new LeaderEpochs();
        _epochs.Assign(0, 0);
        directory?.Create(topicId, _epochs);
        _segments = [NewSegment(0)];
        _nameRequest = context.Names?.Request() ?? 0;
        _needsWriting = true;
    }

    /// <summary>Takes over a log from its files.</summary>
    internal PartitionLog(
        string topic, int partition, Uuid topicId, LogConfig config, LogContext context, PartitionDirectory directory, LoadedLog loaded)
    {
        Topic = topic;
        Partition = partition;
        TopicId = topicId;
        _config = config;
        _context = context;
        _directory = directory;
        _indexes = new IndexSource(directory);
        _producers = loaded.Producers;
        _epochs = loaded.Epochs;
        _segments = [.. loaded.Segments];
        _logStartOffset = loaded.LogStartOffset;
        _endOffset = loaded.EndOffset;
        _flushedOffset = loaded.RecoveryPoint;
        _flushedStableOffset = Math.Min(_flushedOffset, _producers.FirstUnstableOffset(_flushedOffset));
        _needsWriting = !loaded.WasClean;
        MoveHighWatermark_UnderLock(loaded.EndOffset);
    }

    private enum State
    {
        Open,

        /// <summary>Takes no appends any more, while the rest is written.</summary>
        Closing,
        Closed,
        Deleted,
    }

    /// <summary>The topic's name.</summary>
    public string Topic { get; }

    /// <summary>The partition's number.</summary>
    public int Partition { get; }

    /// <summary>The topic's id; <see cref="Uuid.Zero"/> if the log was found without one.</summary>
    public Uuid TopicId { get; }

    /// <summary>The first offset that may be read.</summary>
    public long LogStartOffset => Volatile.Read(ref _logStartOffset);

    /// <summary>The offset that the next record gets.</summary>
    public long EndOffset => Volatile.Read(ref _endOffset);

    /// <summary>
    /// The offset up to which consumers read. It lags behind <see cref="EndOffset"/> only while an fsync is due (<see
    /// cref="Durability.Group"/>).
    /// </summary>
    public long HighWatermark => Volatile.Read(ref _highWatermark);

    /// <summary>The offset up to which consumers of committed records read: the first open transaction or the high watermark.</summary>
    public long LastStableOffset => Volatile.Read(ref _lastStableOffset);

    /// <summary>The epoch under which batches are appended: it rises with <see cref="BecomeLeaderAsync"/> and after a crash.</summary>
    public int LeaderEpoch => Math.Max(_epochs.Latest, 0);

    /// <summary>The size of all segments in bytes.</summary>
    public long SizeInBytes
    {
        get
        {
            var size = 0L;
            foreach (var segment in Segments)
                size += segment.Size;
            return size;
        }
    }

    /// <summary>The settings; new ones hold from the next append or retention run on.</summary>
    public LogConfig Config
    {
        get => Volatile.Read(ref _config);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref _config, value);
        }
    }

    internal LogSegment[] Segments => Volatile.Read(ref _segments);

    internal PartitionDirectory? Directory => _directory;

    private bool IsOpen => _state <= State.Closing;

    private long NowMs => _context.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private string Name => $"{Topic}-{Partition}";

    /// <summary>
    /// Asks to be called whenever the log moved: the high watermark or the last stable offset rose, the start offset rose, or the log was
    /// deleted or closed.
    /// </summary>
    /// <remarks>
    /// To wait without a gap: register, read the offsets, then wait. The callback runs on the thread that moved the log, outside of its
    /// locks; it must be short and must not throw. It may run once more while it is being disposed.
    /// </remarks>
    /// <param name="callback">What to call.</param>
    /// <returns>Dispose it to be called no more.</returns>
    public IDisposable OnAdvance(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return _waiters.Add(callback);
    }

    private LogSegment NewSegment(long baseOffset)
    {
        var config = Config;
        var jitter = Math.Min(config.SegmentJitterMs, config.SegmentMs);
        SegmentData data = _directory is null
            ? new MemoryData()
            : _directory.OpenSegment(baseOffset, FileMode.Create, config.Preallocate ? config.SegmentBytes : 0);
        return new LogSegment(baseOffset, NowMs, data, _indexes) { JitterMs = jitter > 0 ? Random.Shared.NextInt64(jitter) : 0 };
    }

    /// <summary>The index of the segment that an offset belongs to; −1 if it lies before all of them.</summary>
    private static int IndexOf(ReadOnlySpan<LogSegment> segments, long offset)
    {
        var low = 0;
        var high = segments.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (segments[middle].BaseOffset <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>The error for those who come after the log was closed or deleted.</summary>
    private ErrorCode GoneError() =>
        _state == State.Deleted ? ErrorCode.UnknownTopicOrPartition : ErrorCode.NotLeaderOrFollower;
}
