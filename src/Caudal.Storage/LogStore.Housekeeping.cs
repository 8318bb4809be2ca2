using Caudal.Storage.Files;
using Caudal.Storage.Recovery;
using Microsoft.Extensions.Logging;

namespace Caudal.Storage;

public sealed partial class LogStore
{
    private static readonly TimeSpan FirstRetention = TimeSpan.FromSeconds(30);
    private readonly Lock _checkpointing = new();

    // Partitions that the checkpoints on the disk may name although they are gone. Guarded by _creating.
    private readonly HashSet<(string Topic, int Partition)> _outdated = [];

    /// <summary>Writes the checkpoint files.</summary>
    internal bool TryWriteCheckpoints()
    {
        if (_directory is null)
            return true;
        try
        {
            WriteCheckpoints(_directory);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.CannotCheckpoint(_context.Logger, _directory.Path, e.Message);
            return false;
        }
    }

    private void WriteCheckpoints(StoreDirectory directory)
    {
        lock (_checkpointing)
        {
            var logs = _logs.Values.ToArray();
            OffsetCheckpoint.Write(_options.Io, directory.Path, OffsetCheckpoint.RecoveryPoints, logs, l => l.RecoveryPoint);
            WriteStartOffsets(logs);
            OffsetCheckpoint.Write(_options.Io, directory.Path, OffsetCheckpoint.HighWatermarks, logs, l => l.HighWatermark);
        }
    }

    /// <summary>
    /// Takes partitions that are gone out of the checkpoints before one of them is made anew: what was known of the old one must not be
    /// believed of the new one after a crash.
    /// </summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    private void ForgetOutdated_UnderLock(string topic, int partition)
    {
        if (_directory is null || !_outdated.Contains((topic, partition)))
            return;
        WriteCheckpoints(_directory);
        WriteCleanedOffsets(_directory);
        _outdated.Clear();
    }

    /// <summary>Brings the start offsets of all logs to the disk.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    private void WriteStartOffsets()
    {
        lock (_checkpointing)
            WriteStartOffsets(_logs.Values);
    }

    // As Kafka does: logs that begin at 0 are left out.
    private void WriteStartOffsets(IEnumerable<PartitionLog> logs) => OffsetCheckpoint.Write(
        _options.Io, _directory!.Path, OffsetCheckpoint.StartOffsets, logs.Where(l => l.LogStartOffset > 0), l => l.LogStartOffset);

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_directory is null)
            return;
        // What is believed from now on must not be taken back: a checkpoint may have got its name just before the process was killed.
        if (_context.SurvivesPowerCuts && !_directory.WasClean)
            _options.Io.FlushDirectory(_directory.Path);
        var recoveryPoints = OffsetCheckpoint.Read(_directory.Path, OffsetCheckpoint.RecoveryPoints);
        var startOffsets = OffsetCheckpoint.Read(_directory.Path, OffsetCheckpoint.StartOffsets);
        var cleanedOffsets = OffsetCheckpoint.Read(_directory.Path, OffsetCheckpoint.CleanedOffsets);
        var partitions = _directory.Partitions().ToArray();
        WasClean = _directory.WasClean || partitions.Length == 0;
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = 8 };
        await Parallel.ForEachAsync(partitions, options, (found, _) =>
        {
            var (path, topic, partition) = found;
            var key = (topic, partition);
            var directory = DirectoryAt(path);
            var config = _options.ConfigOf(topic);
            var nowMs = _options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
            var sync = _context.SurvivesPowerCuts;
            var checkpoints = new LogCheckpoints(
                recoveryPoints.GetValueOrDefault(key), startOffsets.GetValueOrDefault(key), cleanedOffsets.GetValueOrDefault(key, -1));
            var loaded = LogLoader.Load(directory, config, _directory.WasClean, sync, checkpoints, nowMs);
            if (loaded.Damage is { } damage)
                Log.Damaged(_context.Logger, damage);
            _logs[key] = new PartitionLog(topic, partition, directory.ReadTopicId(), config, _context, directory, loaded)
            {
                CleanedOffset = checkpoints.CleanedOffset,
            };
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        foreach (var key in recoveryPoints.Keys.Concat(startOffsets.Keys).Concat(cleanedOffsets.Keys).Where(key => !_logs.ContainsKey(key)))
            _outdated.Add(key);
        if (!WasClean)
            Log.Recovered(_context.Logger, partitions.Length, _directory.Path);
    }

    private void StartTimers()
    {
        var first = _options.RetentionInterval < FirstRetention ? _options.RetentionInterval : FirstRetention;
        StartTimer(static store => store.RunRetention(), first, _options.RetentionInterval);
        if (_options.CompactionInterval is { } interval)
            StartTimer(static store => _ = store.TryCompactAllAsync(), interval, interval);
        if (_directory is null)
            return;
        StartTimer(static store => store.TryWriteCheckpoints(), _options.CheckpointInterval, _options.CheckpointInterval);
    }

    private void StartTimer(Action<LogStore> run, TimeSpan first, TimeSpan period)
    {
        var running = 0;
        _timers.Add(_options.TimeProvider.CreateTimer(
            _ =>
            {
                // A run that takes longer than the period is not joined by another one.
                if (_disposed != 0 || Interlocked.Exchange(ref running, 1) != 0)
                    return;
                run(this);
                Volatile.Write(ref running, 0);
            },
            null, first, period));
    }

    private void StopTimers()
    {
        foreach (var timer in _timers)
            timer.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Information, "Recovered {Count} logs in {Directory}, which was not closed in order")]
        internal static partial void Recovered(ILogger logger, int count, string directory);

        [LoggerMessage(3002, LogLevel.Warning, "{Damage}")]
        internal static partial void Damaged(ILogger logger, string damage);

        [LoggerMessage(3003, LogLevel.Error, "Writing the checkpoints of {Directory} failed, the next start takes longer: {Reason}")]
        internal static partial void CannotCheckpoint(ILogger logger, string directory, string reason);
    }
}
