using Caudal.Broker.StateLogs;
using Caudal.Protocol;

namespace Caudal.Broker.Transactions;

/// <content>The way from Prepare to Complete: markers in all partitions, then the last record.</content>
internal sealed partial class TransactionCoordinator
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Ends a transaction: notes the outcome, writes the markers, notes the end. Completes after that, or with an error if the outcome
    /// could not be noted, or without one when it is noted but the rest has to be tried again.
    /// </summary>
    private Task<ErrorCode> End_UnderLock(TransactionalId id, TransactionStatus prepared)
    {
        var ending = EndAsync(id, prepared, Change_UnderLock(id, prepared));
        id.Ending = ending;
        return ending;
    }

    private async Task<ErrorCode> EndAsync(TransactionalId id, TransactionStatus prepared, Task<ErrorCode> change)
    {
        var error = await change.ConfigureAwait(false);
        if (error != ErrorCode.None)
            return error;
        await FinishAsync(id, prepared).ConfigureAwait(false);
        return ErrorCode.None;
    }

    // Whatever happens now, the outcome does not change: what fails is tried again.
    private async Task FinishAsync(TransactionalId id, TransactionStatus prepared)
    {
        var left = await WriteMarkersAsync(id, prepared, prepared.Partitions).ConfigureAwait(false);
        if (left.Count == 0 && await CompleteAsync(id, prepared).ConfigureAwait(false))
            return;
        lock (_gate)
            id.Ending = RetryAsync(id, prepared, left);
    }

    private async Task RetryAsync(TransactionalId id, TransactionStatus prepared, IReadOnlyCollection<PartitionKey> left)
    {
        try
        {
            do
            {
                await Task.Delay(RetryDelay, _time, _stopping.Token).ConfigureAwait(false);
                left = await WriteMarkersAsync(id, prepared, left).ConfigureAwait(false);
            }
            while (left.Count > 0 || !await CompleteAsync(id, prepared).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The next start goes on from here.
        }
    }

    private async Task<IReadOnlyCollection<PartitionKey>> WriteMarkersAsync(
        TransactionalId id, TransactionStatus prepared, IReadOnlyCollection<PartitionKey> partitions)
    {
        var marker = new TransactionMarker(
            prepared.ProducerId,
            prepared.Epoch,
            prepared.State == TransactionState.PrepareCommit,
            _log.EpochOf(PartitionOf(id.Id)),
            prepared.BumpsEpochs);
        // All at once: where the disk is waited for, one flush serves them.
        var writes = partitions.Select(partition => (Partition: partition, Write: WriteMarkerAsync(partition, marker))).ToArray();
        var left = new List<PartitionKey>();
        foreach (var (partition, write) in writes)
        {
            var error = await write.ConfigureAwait(false);
            if (IsOver(error))
                continue;
            left.Add(partition);
            if (!_stopping.IsCancellationRequested)
                Log.MarkerRefused(_logger, id.Id, partition.Topic, partition.Partition, error);
        }

        return left;
    }

    private async Task<ErrorCode> WriteMarkerAsync(PartitionKey partition, TransactionMarker marker)
    {
        try
        {
            return await _partitions.WriteMarkerAsync(partition, marker).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return ErrorCode.KafkaStorageError;
        }
    }

    // A partition that was deleted needs no marker, and one that has seen a later epoch has ended the transaction before.
    private static bool IsOver(ErrorCode error) => error is ErrorCode.None or ErrorCode.UnknownTopicOrPartition
        or ErrorCode.InvalidProducerEpoch or ErrorCode.TransactionCoordinatorFenced;

    private async Task<bool> CompleteAsync(TransactionalId id, TransactionStatus prepared)
    {
        Task<ErrorCode> change;
        lock (_gate)
            change = Change_UnderLock(id, prepared.Complete(NowMs));
        var error = await change.ConfigureAwait(false);
        if (error != ErrorCode.None && !_stopping.IsCancellationRequested)
            Log.EndRefused(_logger, id.Id, error);
        return error == ErrorCode.None;
    }
}
