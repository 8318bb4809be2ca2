using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caudal.Storage;

/// <summary>The settings of a <see cref="LogStore"/>.</summary>
public sealed record LogStoreOptions
{
    /// <summary>The directory that holds the logs, made if it is missing; null keeps everything in memory.</summary>
    public string? Directory { get; init; }

    /// <summary>
    /// What an acknowledged append has survived. Without a directory it is <see cref="Storage.Durability.Memory"/> in any case.
    /// </summary>
    /// <value><see cref="Storage.Durability.Os"/> by default.</value>
    public Durability Durability { get; init; } = Durability.Os;

    /// <summary>With <see cref="Storage.Durability.Interval"/>, how long an acknowledged record may wait for the disk.</summary>
    /// <value>100 ms by default.</value>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The cluster's id for <c>meta.properties</c>; null takes the directory's, or makes one for a new directory.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The broker's id for <c>meta.properties</c>.</summary>
    /// <value>1 by default.</value>
    public int NodeId { get; init; } = 1;

    /// <summary>The settings of logs that lie in the directory, by topic: the store asks when it opens them.</summary>
    /// <value><see cref="LogConfig.Default"/> for every topic by default.</value>
    public Func<string, LogConfig> ConfigOf { get; init; } = static _ => LogConfig.Default;

    /// <summary>
    /// How often old segments are looked for (<c>log.retention.check.interval.ms</c>); the first time after at most 30 s.
    /// </summary>
    /// <value>Five minutes by default.</value>
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often logs are looked for that are due for compaction (<c>log.cleaner.backoff.ms</c>); null for never.</summary>
    /// <value>15 seconds by default.</value>
    public TimeSpan? CompactionInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How much memory compaction may take for its table of keys (<c>log.cleaner.dedupe.buffer.size</c>).</summary>
    /// <value>
    /// In bytes; 128 MiB by default, room for three million keys. It is taken only as far as there are keys; a log with more is compacted
    /// in several rounds.
    /// </value>
    public long CompactionBufferBytes { get; init; } = 128L << 20;

    /// <summary>
    /// How many bytes a second compaction may read and write, together and on average (<c>log.cleaner.io.max.bytes.per.second</c>); asked
    /// again and again, so that it may change.
    /// </summary>
    /// <value>Positive; no limit by default.</value>
    public Func<double> CompactionBytesPerSecond { get; init; } = static () => double.PositiveInfinity;

    /// <summary>How often the checkpoint files are written.</summary>
    /// <value>One minute by default.</value>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After what silence an idempotent producer is forgotten (<c>producer.id.expiration.ms</c>).</summary>
    /// <value>One day by default.</value>
    public TimeSpan ProducerExpiration { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How much of a log's end is kept in memory, so that consumers at the tail never touch a file.</summary>
    /// <value>In bytes for each partition that was written to; 1 MiB by default.</value>
    public int TailCacheBytes { get; init; } = 1 << 20;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where logging goes; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The file operations: tests replace them.</summary>
    internal Files.DiskIo Io { get; init; } = Files.DiskIo.Real;

    /// <summary>Checks the settings.</summary>
    /// <returns>All faults, each with what to do; empty if there are none.</returns>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        if (Directory is { } directory && string.IsNullOrWhiteSpace(directory))
            faults.Add("Directory is blank: give a path, or null to keep everything in memory.");
        if (Directory is not null && Durability == Durability.Memory)
            faults.Add("Durability is Memory but a Directory is given: leave the directory out or choose Os, Interval or Group.");
        if (FlushInterval <= TimeSpan.Zero || FlushInterval.TotalMilliseconds > int.MaxValue)
            faults.Add($"FlushInterval is {FlushInterval}: it must be positive, and 24 days at most.");
        if (RetentionInterval <= TimeSpan.Zero)
            faults.Add($"RetentionInterval is {RetentionInterval}: it must be positive.");
        if (CompactionInterval <= TimeSpan.Zero)
            faults.Add($"CompactionInterval is {CompactionInterval}: it must be positive, or null for never.");
        if (CompactionBufferBytes <= 0)
            faults.Add($"CompactionBufferBytes is {CompactionBufferBytes}: it must be positive.");
        if (CheckpointInterval <= TimeSpan.Zero)
            faults.Add($"CheckpointInterval is {CheckpointInterval}: it must be positive.");
        if (TailCacheBytes < 0)
            faults.Add($"TailCacheBytes is {TailCacheBytes}: it must not be negative.");
        return faults;
    }
}
