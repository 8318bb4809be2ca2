using Caudal.Protocol.Records;

namespace Caudal.Storage.Compaction;

/// <summary>
/// Follows transactions through the batches of a log from its start, and tells which batches may go: records of aborted transactions at
/// once, markers when no record of their transaction is left (Kafka's CleanedTransactionMetadata).
/// </summary>
/// <param name="aborted">The aborted transactions of the range.</param>
/// <param name="keep">Takes an aborted transaction of which records were still there: its index entry stays.</param>
internal sealed class CleanedTransactions(IReadOnlyList<AbortedTransaction> aborted, Action<AbortedTransaction> keep)
{
    private readonly Dictionary<long, Ongoing> _aborting = [];
    private readonly HashSet<long> _committing = [];
    private int _next;

    /// <summary>Whether a batch's content is not needed any more.</summary>
    /// <param name="batch">The next batch, in the order of the log.</param>
    internal bool CanDiscard(RecordBatchView batch)
    {
        // The transactions are in the order of their first offsets.
        for (; _next < aborted.Count && aborted[_next].FirstOffset <= batch.LastOffset; _next++)
            _aborting.TryAdd(aborted[_next].ProducerId, new Ongoing(aborted[_next]));
        if (batch.IsControl)
            return CanDiscardMarker(batch);
        if (!batch.IsTransactional)
            return false;
        if (_aborting.TryGetValue(batch.ProducerId, out var transaction))
        {
            transaction.HasRecords = true;
            return true;
        }

        _committing.Add(batch.ProducerId);
        return false;
    }

    private bool CanDiscardMarker(RecordBatchView batch)
    {
        // An empty control batch was cleaned before.
        if (batch.RecordCount == 0)
            return true;
        switch (ControlRecord.Read(batch).Type)
        {
            case ControlRecordType.Abort:
                if (!_aborting.Remove(batch.ProducerId, out var transaction) || !transaction.HasRecords)
                    return true;
                keep(transaction.Transaction);
                return false;
            case ControlRecordType.Commit:
                return !_committing.Remove(batch.ProducerId);
            default:
                return false;
        }
    }

    private sealed class Ongoing(AbortedTransaction transaction)
    {
        internal AbortedTransaction Transaction { get; } = transaction;

        internal bool HasRecords { get; set; }
    }
}
