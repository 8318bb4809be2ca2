using Caudal.Protocol.Records;

namespace Caudal.Storage;

/// <summary>
/// The settings of one partition's log: those of Kafka's topic configuration that storage acts on, with Kafka's defaults.
/// </summary>
public sealed record LogConfig
{
    /// <summary>The defaults.</summary>
    public static LogConfig Default { get; } = new();

    /// <summary>The size from which a segment is closed and a new one begun (<c>segment.bytes</c>).</summary>
    /// <value>In bytes, at least one batch; 1 GiB by default.</value>
    public int SegmentBytes { get; init; } = 1 << 30;

    /// <summary>The age from which a segment is closed, by the timestamps of its records (<c>segment.ms</c>).</summary>
    /// <value>In milliseconds; 7 days by default.</value>
    public long SegmentMs { get; init; } = 7L * 24 * 3600 * 1000;

    /// <summary>By how much at random a segment may be closed before <see cref="SegmentMs"/> (<c>segment.jitter.ms</c>).</summary>
    /// <value>In milliseconds; 0 by default.</value>
    public long SegmentJitterMs { get; init; }

    /// <summary>Whether the disk sets aside <see cref="SegmentBytes"/> for a new segment (<c>preallocate</c>).</summary>
    public bool Preallocate { get; init; }

    /// <summary>The size of an offset index from which its segment is closed (<c>segment.index.bytes</c>).</summary>
    /// <value>In bytes, at least 24; 10 MiB by default.</value>
    public int SegmentIndexBytes { get; init; } = 10 << 20;

    /// <summary>How many bytes of records one index entry stands for (<c>index.interval.bytes</c>).</summary>
    /// <value>In bytes; 4096 by default.</value>
    public int IndexIntervalBytes { get; init; } = 4096;

    /// <summary>The age from which a segment is deleted, by its largest timestamp (<c>retention.ms</c>).</summary>
    /// <value>In milliseconds, −1 for never; 7 days by default.</value>
    public long RetentionMs { get; init; } = 7L * 24 * 3600 * 1000;

    /// <summary>The size of the log from which its oldest segments are deleted (<c>retention.bytes</c>).</summary>
    /// <value>In bytes, −1 for no limit; −1 by default.</value>
    public long RetentionBytes { get; init; } = -1;

    /// <summary>Whether old segments are deleted (<c>cleanup.policy</c> has <c>delete</c>).</summary>
    public bool CleanupDelete { get; init; } = true;

    /// <summary>
    /// Whether the log is compacted by key (<c>cleanup.policy</c> has <c>compact</c>): records without a key are refused.
    /// </summary>
    public bool CleanupCompact { get; init; }

    /// <summary>What part of a log must be dirty before it is compacted (<c>min.cleanable.dirty.ratio</c>).</summary>
    /// <value>From 0 to 1; 0.5 by default.</value>
    public double MinCleanableDirtyRatio { get; init; } = 0.5;

    /// <summary>How long a record stays as it is before compaction may take it (<c>min.compaction.lag.ms</c>).</summary>
    /// <value>In milliseconds; 0 by default.</value>
    public long MinCompactionLagMs { get; init; }

    /// <summary>After what time a record is compacted, however little is dirty (<c>max.compaction.lag.ms</c>).</summary>
    /// <value>In milliseconds; no limit by default. Segments of compacted logs are closed at this age at the latest.</value>
    public long MaxCompactionLagMs { get; init; } = long.MaxValue;

    /// <summary>How long tombstones and transaction markers stay once they are all that is left (<c>delete.retention.ms</c>).</summary>
    /// <value>In milliseconds; one day by default.</value>
    public long DeleteRetentionMs { get; init; } = 24 * 3600 * 1000;

    /// <summary>The largest batch that a producer may send, as it is sent (<c>max.message.bytes</c>).</summary>
    /// <value>In bytes; 1,048,588 by default.</value>
    public int MaxMessageBytes { get; init; } = 1_048_588;

    /// <summary>Whose timestamps count (<c>message.timestamp.type</c>).</summary>
    public TimestampType TimestampType { get; init; } = TimestampType.CreateTime;

    /// <summary>How far a producer's timestamp may lie behind the clock (<c>message.timestamp.before.max.ms</c>).</summary>
    /// <value>In milliseconds; no limit by default.</value>
    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary>How far a producer's timestamp may lie ahead of the clock (<c>message.timestamp.after.max.ms</c>).</summary>
    /// <value>In milliseconds; one hour by default.</value>
    public long TimestampAfterMaxMs { get; init; } = 3600 * 1000;

    /// <summary>
    /// After how many records an append waits for the disk (<c>flush.messages</c>); 1 acts as <see cref="Durability.Group"/> for this log.
    /// </summary>
    /// <value>No limit by default.</value>
    public long FlushMessages { get; init; } = long.MaxValue;

    /// <summary>After what time records are written to the disk in any case (<c>flush.ms</c>).</summary>
    /// <value>In milliseconds; no limit by default.</value>
    public long FlushMs { get; init; } = long.MaxValue;

    /// <summary>How long the files of deleted segments stay, renamed (<c>file.delete.delay.ms</c>).</summary>
    /// <value>In milliseconds; one minute by default.</value>
    public long FileDeleteDelayMs { get; init; } = 60_000;

    /// <summary>The age from which a segment is closed: records that must be compacted by a time must not stay in the active one.</summary>
    internal long MaxSegmentMs => CleanupCompact ? Math.Min(SegmentMs, MaxCompactionLagMs) : SegmentMs;
}
