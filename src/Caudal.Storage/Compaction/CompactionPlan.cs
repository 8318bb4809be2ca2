using Caudal.Storage.Segments;

namespace Caudal.Storage.Compaction;

/// <summary>What of a log may be compacted now, and whether it is worth it (Kafka's LogCleanerManager).</summary>
/// <param name="FirstDirty">Up to here the log was compacted before.</param>
/// <param name="UpperBound">The first offset that may not be touched yet: where a segment begins.</param>
/// <param name="CleanBytes">The size of the segments that were compacted before.</param>
/// <param name="DirtyBytes">The size of those that were not, below the upper bound.</param>
/// <param name="IsOverdue">Whether a record waits for longer than <c>max.compaction.lag.ms</c>.</param>
internal readonly record struct CompactionPlan(long FirstDirty, long UpperBound, long CleanBytes, long DirtyBytes, bool IsOverdue)
{
    /// <summary>The part of the log that is dirty, from 0 to 1.</summary>
    internal double DirtyRatio => DirtyBytes == 0 ? 0 : DirtyBytes / (double)(CleanBytes + DirtyBytes);

    /// <summary>Whether the log is to be compacted.</summary>
    internal bool IsDue(LogConfig config) => DirtyBytes > 0 && (IsOverdue || DirtyRatio > config.MinCleanableDirtyRatio);

    /// <summary>Looks at a log.</summary>
    /// <param name="segments">Its segments.</param>
    /// <param name="firstDirty">Up to where it was compacted.</param>
    /// <param name="bound">Its last stable offset or less: what is not decided yet may not be touched.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="nowMs">The time.</param>
    internal static CompactionPlan Of(ReadOnlySpan<LogSegment> segments, long firstDirty, long bound, LogConfig config, long nowMs)
    {
        var clean = 0L;
        var dirty = 0L;
        var isOverdue = false;
        // The active segment is never touched.
        for (var i = 0; i < segments.Length - 1; i++)
        {
            var segment = segments[i];
            var end = segments[i + 1].BaseOffset;
            if (end <= firstDirty)
            {
                clean += segment.Size;
                continue;
            }

            var isYoung = config.MinCompactionLagMs > 0 && segment.AgeTimestamp > nowMs - config.MinCompactionLagMs;
            if (isYoung || end > bound)
                return new CompactionPlan(firstDirty, segment.BaseOffset, clean, dirty, isOverdue);
            dirty += segment.Size;
            isOverdue |= IsOverdueSince(segment, config, nowMs);
        }

        return new CompactionPlan(firstDirty, segments[^1].BaseOffset, clean, dirty, isOverdue);
    }

    private static bool IsOverdueSince(LogSegment segment, LogConfig config, long nowMs) =>
        config.MaxCompactionLagMs != long.MaxValue
        && segment.Size > 0
        && segment.FindFirstTimestamp() is var first and > 0
        && nowMs - first > config.MaxCompactionLagMs;
}
