using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Storage.Compaction;
using Caudal.Storage.Producers;
using Caudal.Storage.Segments;
using Microsoft.Extensions.Logging;

namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    private long _cleanedOffset = -1;

    // Under _lock: while it is set, retention takes no segments away.
    private bool _isCompacting;

    // Whether compaction gave up until a restart.
    private volatile bool _isUncleanable;

    /// <summary>Up to here the log was compacted; −1 if that is not known.</summary>
    internal long CleanedOffset
    {
        get => Volatile.Read(ref _cleanedOffset);
        set => Volatile.Write(ref _cleanedOffset, value);
    }

    /// <summary>What may be compacted now; null if the log is not compacted at all, or cannot be.</summary>
    internal CompactionPlan? PlanCompaction()
    {
        var config = Config;
        if (!config.CleanupCompact || _isUncleanable || HasFailed || _state != State.Open)
            return null;
        var start = LogStartOffset;
        var cleaned = CleanedOffset;
        var firstDirty = cleaned >= start && cleaned <= EndOffset ? cleaned : start;
        // A record on the disk must not give way to one that a power cut may take, nor to one whose transaction it may open again.
        var bound = _directory is null ? LastStableOffset : Math.Min(LastStableOffset, Volatile.Read(ref _flushedStableOffset));
        var segments = Segments;
        // Nor may the flusher write a segment's indexes over those of the segment that takes its place.
        if (_directory is not null && Array.Find(segments, s => !s.IsSealed) is { } unsealed)
            bound = Math.Min(bound, unsealed.BaseOffset);
        try
        {
            return CompactionPlan.Of(segments, firstDirty, bound, config, NowMs);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Retention or the log's end took a segment meanwhile.
            return null;
        }
    }

    /// <summary>Compacts the log by a plan that was just made. One call at a time.</summary>
    /// <param name="plan">What to compact.</param>
    /// <param name="maxTableBytes">The most memory for the table of keys.</param>
    /// <param name="throttle">Bounds how fast the disk is read and written.</param>
    /// <param name="stopping">Ends the round: the log is as before, or partly compacted.</param>
    /// <returns>Whether anything was done.</returns>
    internal async ValueTask<bool> CompactAsync(
        CompactionPlan plan, long maxTableBytes, IoThrottle throttle, CancellationToken stopping)
    {
        if (TryBeginCompaction() is not { } producers)
            return false;
        try
        {
            var cleaned = await new LogCompactor(this, plan, maxTableBytes, throttle, stopping).RunAsync(producers, NowMs)
                .ConfigureAwait(false);
            var isProgress = cleaned > plan.FirstDirty;
            CleanedOffset = cleaned;
            return isProgress;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            if (IsOpen)
                Log.CannotCompactNow(_context.Logger, Name, e.Message);
            return false;
        }
        catch (Exception e) when (e is InvalidDataException or ProtocolException or CompressionException)
        {
            _isUncleanable = true;
            Log.CannotCompact(_context.Logger, Name, e.Message);
            return false;
        }
        finally
        {
            lock (_lock)
                _isCompacting = false;
        }
    }

    /// <summary>Makes the segment that compaction writes to; nobody sees it until <see cref="Replace"/>.</summary>
    internal LogSegment NewCleanedSegment(long baseOffset, long createdMs) =>
        new(baseOffset, createdMs, _directory is null ? new MemoryData() : _directory.OpenCleaned(baseOffset), _indexes)
        {
            IsCleaned = true,
        };

    /// <summary>Removes the file of a segment that did not come to be.</summary>
    internal void DropCleanedSegment(LogSegment segment)
    {
        try
        {
            _directory?.DropCleaned(segment.BaseOffset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start removes it.
        }
    }

    /// <summary>Exchanges segments for the one that holds what is left of them.</summary>
    /// <remarks>
    /// The order of the steps lets a crash at any point end with the old segments or the new one: 1. the new files get the suffix
    /// <c>.swap</c>, from which on recovery finishes the exchange; 2. readers see the new segment; 3. the old files go; 4. the new ones
    /// get their names. Until then the new segment keeps its indexes in memory.
    /// </remarks>
    internal void Replace(LogSegment[] old, LogSegment cleaned)
    {
        cleaned.CompleteTimes();
        _directory?.PromoteCleaned(cleaned);
        lock (_lock)
        {
            var segments = _segments;
            var first = Array.IndexOf(segments, old[0]);
            if (!IsOpen || first < 0)
                throw new OperationCanceledException();
            Volatile.Write(ref _segments, [.. segments.AsSpan(0, first), cleaned, .. segments.AsSpan(first + old.Length)]);
            _needsWriting = true;
        }

        if (_directory is not null)
        {
            try
            {
                _directory.FinishSwap(old, cleaned, Config.FileDeleteDelayMs);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && IsOpen)
            {
                // The next start finishes the exchange; until then nothing may come on top of it.
                _isUncleanable = true;
                throw;
            }

            cleaned.Seal();
        }

        foreach (var segment in old)
            segment.Dispose();
    }

    private Dictionary<long, LastOfProducer>? TryBeginCompaction()
    {
        lock (_lock)
        {
            if (_state != State.Open || _isCompacting)
                return null;
            _isCompacting = true;
            var result = new Dictionary<long, LastOfProducer>();
            var durable = _directory is null ? _endOffset : RecoveryPoint;
            foreach (var state in _producers.All)
                result[state.ProducerId] = LastBefore(durable, state);
            return result;
        }
    }

    private static LastOfProducer LastBefore(long durable, ProducerState state)
    {
        if (state.LastEntryOffset < durable)
            return new LastOfProducer(state.LastOffset, state.Epoch);
        for (var i = state.Count - 1; i >= 0; i--)
        {
            if (state[i].LastOffset < durable)
                return new LastOfProducer(state[i].LastOffset, state.Epoch);
        }

        return new LastOfProducer(-1, state.Epoch) { IsUncertain = true };
    }

    private static partial class Log
    {
        [LoggerMessage(3015, LogLevel.Error, "Compacting the log of {Log} failed, it is tried again with the next run: {Reason}")]
        internal static partial void CannotCompactNow(ILogger logger, string log, string reason);

        [LoggerMessage(3016, LogLevel.Error, "The log of {Log} cannot be compacted and grows until a restart: {Reason}")]
        internal static partial void CannotCompact(ILogger logger, string log, string reason);
    }
}
