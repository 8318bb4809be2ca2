using Caudal.Protocol.Records;
using Caudal.Storage.Segments;

namespace Caudal.Storage.Compaction;

/// <summary>One round of compaction of one log: of each key, only the last record stays (KIP-58; Kafka's Cleaner).</summary>
/// <remarks>
/// 1. The keys of the dirty part are read into a table, until its end or until the table is full. 2. Everything from the log's start up to
/// there is written anew, group by group of segments that fit into one. 3. Each group is exchanged at once for what was written.
/// Appends and reads go on all the while.
/// </remarks>
internal sealed class LogCompactor(
    PartitionLog log, CompactionPlan plan, long maxTableBytes, IoThrottle throttle, CancellationToken stopping)
{
    private readonly KeyOffsets _keys = new(maxTableBytes);
    private readonly LogConfig _config = log.Config;

    /// <summary>Runs the round.</summary>
    /// <param name="producers">What active producers wrote last, taken after the plan.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>Up to where the log is compacted now.</returns>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">A batch is damaged.</exception>
    /// <exception cref="OperationCanceledException">The store stops, or the log is gone.</exception>
    internal async ValueTask<long> RunAsync(IReadOnlyDictionary<long, LastOfProducer> producers, long nowMs)
    {
        await ReadKeysAsync().ConfigureAwait(false);
        var end = _keys.LatestOffset + 1;
        if (end <= plan.FirstDirty)
            return plan.FirstDirty;
        var segments = log.Segments;
        var count = 0;
        while (count < segments.Length - 1 && segments[count].BaseOffset < end)
            count++;
        LogSegment? target = null;
        var transactions = new CleanedTransactions(FindAborted(segments[0].BaseOffset, end), aborted => target!.AddAborted(aborted));
        using var cleaner = new BatchCleaner(
            _keys, transactions, producers, new CleaningTerms(plan.UpperBound, nowMs, _config.DeleteRetentionMs));
        foreach (var group in SegmentGroups.Of(segments, count, _config))
        {
            using var rewriter = new SegmentRewriter(log, segments[group], cleaner, _config, throttle, stopping);
            target = rewriter.Target;
            await rewriter.RewriteAsync().ConfigureAwait(false);
            // What follows begins there, whatever was removed at the end.
            target.EndAt(segments[group.End.Value].BaseOffset);
            log.Replace(segments[group], rewriter.Finish());
        }

        return end;
    }

    private async ValueTask ReadKeysAsync()
    {
        var segments = log.Segments;
        var transactions = new CleanedTransactions(FindAborted(plan.FirstDirty, plan.UpperBound), static _ => { });
        foreach (var segment in segments)
        {
            if (segment.NextOffset <= plan.FirstDirty)
                continue;
            if (segment.BaseOffset >= plan.UpperBound)
                return;
            var isWhole = await SegmentBatches.WalkAsync(segment, batch => TryReadKeys(batch, transactions), throttle, stopping)
                .ConfigureAwait(false);
            if (!isWhole)
                return;
        }
    }

    private bool TryReadKeys(RecordBatchView batch, CleanedTransactions transactions)
    {
        stopping.ThrowIfCancellationRequested();
        // What was aborted must not hide the records before it.
        var isVoid = transactions.CanDiscard(batch) || batch.IsControl || batch.RecordCount == 0;
        if (batch.LastOffset < plan.FirstDirty)
            return true;
        if (!isVoid)
        {
            using var payload = BatchPayload.Open(batch);
            foreach (var record in batch.GetRecords(payload.Of(batch)))
            {
                if (record.IsKeyNull || record.Offset < plan.FirstDirty)
                    continue;
                if (!_keys.TryAdd(record.Key, record.Offset))
                    return false;
            }
        }

        _keys.AdvanceTo(batch.LastOffset);
        return true;
    }

    private IReadOnlyList<AbortedTransaction> FindAborted(long from, long to) =>
        log.FindAborted(from, to) ?? throw new InvalidDataException("The index of aborted transactions cannot be read.");
}
