using Caudal.Compression;
using Caudal.Protocol.Records;
using Caudal.Storage.Files;
using Caudal.Storage.Segments;

namespace Caudal.Storage.Compaction;

/// <summary>Writes what stays of a group of segments into a new one, which nobody sees yet.</summary>
internal sealed class SegmentRewriter : IDisposable
{
    private const int WriteSize = 1 << 20;

    private readonly PartitionLog _log;
    private readonly BatchCleaner _cleaner;
    private readonly LogConfig _config;
    private readonly IoThrottle _throttle;
    private readonly CancellationToken _stopping;
    private readonly PooledBuffer _output = new();
    private readonly LogSegment[] _sources;
    private bool _isFinished;

    internal SegmentRewriter(
        PartitionLog log,
        LogSegment[] sources,
        BatchCleaner cleaner,
        LogConfig config,
        IoThrottle throttle,
        CancellationToken stopping)
    {
        _log = log;
        _sources = sources;
        _cleaner = cleaner;
        _config = config;
        _throttle = throttle;
        _stopping = stopping;
        Target = log.NewCleanedSegment(sources[0].BaseOffset, sources[^1].AgeTimestamp);
    }

    /// <summary>The new segment.</summary>
    internal LogSegment Target { get; }

    internal async ValueTask RewriteAsync()
    {
        foreach (var source in _sources)
            await SegmentBatches.WalkAsync(source, TryAdd, _throttle, _stopping).ConfigureAwait(false);
        Write();
    }

    /// <summary>Brings the new segment to the disk under its preliminary name.</summary>
    internal LogSegment Finish()
    {
        (Target.Data as FileData)?.Flush();
        _isFinished = true;
        return Target;
    }

    public void Dispose()
    {
        _output.Dispose();
        if (_isFinished)
            return;
        Target.Dispose();
        _log.DropCleanedSegment(Target);
    }

    private bool TryAdd(RecordBatchView batch)
    {
        _stopping.ThrowIfCancellationRequested();
        Add(batch);
        return true;
    }

    private void Add(RecordBatchView batch)
    {
        var before = _output.WrittenCount;
        _cleaner.Clean(batch, _output);
        if (_output.WrittenCount == before)
            return;
        Target.Account(RecordBatchView.Read(_output.WrittenSpan[before..]), checked(Target.Size + before), _config.IndexIntervalBytes);
        if (_output.WrittenCount >= WriteSize)
            Write();
    }

    private void Write()
    {
        if (_output.WrittenCount == 0)
            return;
        Target.Data.Append(_output.WrittenSpan);
        _throttle.Count(_output.WrittenCount);
        _output.Clear();
    }
}
