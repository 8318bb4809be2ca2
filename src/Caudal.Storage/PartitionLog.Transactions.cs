using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    private long _markerCount;

    /// <summary>
    /// How many transaction markers were appended since the log was opened: read it before a producer's transaction is looked up, and give
    /// it to <see cref="AppendTransactionalAsync"/>.
    /// </summary>
    public long MarkerCount => Volatile.Read(ref _markerCount);

    /// <summary>Appends a batch that belongs to a transaction, if nothing came between the look-up of the transaction and it.</summary>
    /// <remarks>
    /// A batch that is on its way while its transaction ends would open a transaction that nobody ends, and hold the last stable offset for
    /// good (KIP-890). So whoever has found the transaction open says how many markers the log had before: if there are more by now and the
    /// producer has no open transaction here, nothing is appended.
    /// </remarks>
    /// <param name="batch">The batch, as for <see cref="AppendAsync"/>.</param>
    /// <param name="origin">Who appends.</param>
    /// <param name="markerCount"><see cref="MarkerCount"/> before the transaction was looked up.</param>
    /// <param name="cancellationToken">Gives up waiting for the disk; the batch stays appended.</param>
    /// <returns>
    /// The outcome; <see cref="ErrorCode.ConcurrentTransactions"/> if a marker came between: look the transaction up again.
    /// </returns>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public ValueTask<AppendResult> AppendTransactionalAsync(
        Memory<byte> batch, AppendOrigin origin, long markerCount, CancellationToken cancellationToken = default) =>
        StartAppendAsync(batch, new AppendTerms(origin, markerCount), cancellationToken);

    /// <summary>Appends the marker that ends a producer's transaction; without one it changes nothing but epochs.</summary>
    /// <param name="marker">Commit or abort, and who says so.</param>
    /// <param name="producerId">The producer.</param>
    /// <param name="producerEpoch">Its epoch, from now on the least.</param>
    /// <param name="raisesEpoch">
    /// Whether the marker must have a higher epoch than the transaction that it ends, as all have in the second version of the transaction
    /// protocol (KIP-890): then a late marker cannot end the producer's next transaction.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting for the disk; the marker stays appended.</param>
    /// <returns>
    /// The outcome; <see cref="ErrorCode.InvalidProducerEpoch"/> or <see cref="ErrorCode.TransactionCoordinatorFenced"/> for one that is
    /// out of date.
    /// </returns>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public ValueTask<AppendResult> AppendMarkerAsync(
        ControlRecord marker, long producerId, short producerEpoch, bool raisesEpoch, CancellationToken cancellationToken = default)
    {
        var batch = new byte[ControlRecord.BatchSize];
        marker.WriteBatch(batch, 0, -1, NowMs, producerId, producerEpoch);
        return StartAppendAsync(batch, new AppendTerms(AppendOrigin.Coordinator, RaisesEpoch: raisesEpoch), cancellationToken);
    }

    /// <summary>Whether a producer has an open transaction here.</summary>
    /// <param name="producerId">The producer.</param>
    /// <param name="producerEpoch">Its epoch, which must be the transaction's.</param>
    public bool HasOpenTransaction(long producerId, short producerEpoch)
    {
        lock (_lock)
            return _producers.HasOpenTransaction(producerId, producerEpoch);
    }

    /// <summary>The producers that the log remembers, by their ids.</summary>
    public IReadOnlyList<ProducerDescription> DescribeProducers()
    {
        lock (_lock)
            return _producers.Describe();
    }

    /// <summary>
    /// Finds the aborted transactions that have records in a range below <see cref="LastStableOffset"/>: what a reader of committed records
    /// must pass over.
    /// </summary>
    /// <param name="from">The first offset.</param>
    /// <param name="to">The offset behind the last one.</param>
    /// <returns>
    /// The transactions, by their first offsets; null if they cannot be told, because retention took the records meanwhile or the index is
    /// damaged.
    /// </returns>
    public IReadOnlyList<AbortedTransaction>? FindAborted(long from, long to)
    {
        List<AbortedTransaction>? found = null;
        try
        {
            foreach (var segment in Segments)
            {
                if (segment.NextOffset <= from || !segment.HasAborted)
                    continue;
                if (segment.Aborted.Collect(from, to, found ??= []))
                    break;
            }
        }
        catch (InvalidDataException e)
        {
            if (from >= LogStartOffset && IsOpen)
                Log.CannotRead(_context.Logger, Name, from, e.Message);
            return null;
        }

        found?.Sort(static (x, y) => x.FirstOffset.CompareTo(y.FirstOffset));
        return found ?? (IReadOnlyList<AbortedTransaction>)[];
    }

    /// <summary>As <see cref="FindAborted(long, long)"/>, for what a read from an offset returned.</summary>
    /// <param name="from">The offset of the read.</param>
    /// <param name="batches">The batches that it returned.</param>
    public IReadOnlyList<AbortedTransaction>? FindAborted(long from, ReadOnlySpan<byte> batches)
    {
        if (batches.IsEmpty || !Array.Exists(Segments, static segment => segment.HasAborted))
            return [];
        var to = from;
        foreach (var batch in new RecordBatchEnumerator(batches))
            to = batch.LastOffset + 1;
        return FindAborted(from, to);
    }

    /// <summary>What an append must keep to.</summary>
    /// <param name="Origin">Who appends.</param>
    /// <param name="MarkerCount">The markers that the log may have for a batch that opens a transaction; −1 for any number.</param>
    /// <param name="RaisesEpoch">Whether a marker must have a higher epoch than the transaction that it ends.</param>
    private readonly record struct AppendTerms(AppendOrigin Origin, long MarkerCount = -1, bool RaisesEpoch = false);
}
