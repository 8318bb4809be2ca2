using Caudal.Storage.Compaction;
using Caudal.Storage.Files;

namespace Caudal.Storage;

public sealed partial class LogStore
{
    // Held by the one who compacts; whoever closes the store takes it and keeps it.
    private readonly SemaphoreSlim _compacting = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>
    /// Brings the logs that are compacted to the disk, as only what is there may be compacted, and compacts all that are due; the store
    /// does so by itself every <see cref="LogStoreOptions.CompactionInterval"/>. Returns early if the store is being closed.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting for a run that is in progress; a run that has begun goes on.</param>
    public async ValueTask RunCompactionAsync(CancellationToken cancellationToken = default)
    {
        var flushes = _logs.Values.Where(log => log.Config.CleanupCompact).Select(log => log.FlushAsync());
        await Task.WhenAll(flushes).WaitAsync(cancellationToken).ConfigureAwait(false);
        await _compacting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(CompactAllAsync, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _compacting.Release();
        }
    }

    private async Task TryCompactAllAsync()
    {
        if (!_compacting.Wait(0))
            return;
        try
        {
            await CompactAllAsync().ConfigureAwait(false);
        }
        finally
        {
            _compacting.Release();
        }
    }

    /// <summary>Ends a compaction that is in progress and lets no other begin.</summary>
    private async Task StopCompactingAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _compacting.WaitAsync().ConfigureAwait(false);
    }

    private async Task CompactAllAsync()
    {
        var throttle = new IoThrottle(_options.CompactionBytesPerSecond, _options.TimeProvider);
        var failed = new HashSet<PartitionLog>();
        while (!_stopping.IsCancellationRequested && FindDirtiest(failed) is var (log, plan))
        {
            if (!await log.CompactAsync(plan, _options.CompactionBufferBytes, throttle, _stopping.Token).ConfigureAwait(false))
                failed.Add(log);
            else
                TryWriteCleanedOffsets();
        }
    }

    private (PartitionLog Log, CompactionPlan Plan)? FindDirtiest(HashSet<PartitionLog> except)
    {
        (PartitionLog Log, CompactionPlan Plan)? result = null;
        foreach (var log in _logs.Values)
        {
            if (!except.Contains(log)
                && log.PlanCompaction() is { } plan
                && plan.IsDue(log.Config)
                && (result is not { } best || plan.DirtyRatio > best.Plan.DirtyRatio))
            {
                result = (log, plan);
            }
        }

        return result;
    }

    private void TryWriteCleanedOffsets()
    {
        if (_directory is null)
            return;
        try
        {
            WriteCleanedOffsets(_directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // More is compacted again than needs to be.
            Log.CannotCheckpoint(_context.Logger, _directory.Path, e.Message);
        }
    }

    private void WriteCleanedOffsets(StoreDirectory directory)
    {
        lock (_checkpointing)
        {
            var cleaned = _logs.Values.Where(l => l.CleanedOffset >= 0);
            OffsetCheckpoint.Write(_options.Io, directory.Path, OffsetCheckpoint.CleanedOffsets, cleaned, l => l.CleanedOffset);
        }
    }
}
