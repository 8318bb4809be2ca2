using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage;

namespace Caudal.Broker.Transactions;

/// <summary>Appends what transactional producers send, once it is sure that the partition belongs to the transaction (KIP-890).</summary>
/// <remarks>
/// Clients of Produce version 12 and later need not add partitions: the write does it. Of older ones it is verified that they did. Either
/// is only asked of the coordinator by the first batch in a partition: then the log knows that the transaction is open.
/// </remarks>
internal sealed class TransactionalProduce(TransactionCoordinator transactions)
{
    /// <summary>Adds the partitions of a request to the transaction at once: one record. Errors show in the appends.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="version">The version of Produce.</param>
    /// <param name="batches">The request's transactional batches, each with the log that it goes to.</param>
    public ValueTask<ErrorCode> PrepareAsync(
        string transactionalId, short version, List<(PartitionLog Log, ReadOnlyMemory<byte> Batch)> batches)
    {
        if (JoinOf(version) != TransactionJoin.Add || batches.Count < 2)
            return new(ErrorCode.None);
        var (producerId, epoch) = ProducerOf(batches[0].Batch.Span);
        var partitions = new List<PartitionKey>();
        foreach (var (log, _) in batches)
        {
            if (!log.HasOpenTransaction(producerId, epoch))
                partitions.Add(new PartitionKey(log.Topic, log.Partition));
        }

        return partitions.Count < 2
            ? new(ErrorCode.None)
            : transactions.JoinAsync(transactionalId, producerId, epoch, partitions, TransactionJoin.Add);
    }

    /// <summary>Whether all of a request's transactional batches are of one producer in one epoch, as Kafka wants them to be.</summary>
    public static bool HasOneProducer(List<(PartitionLog Log, ReadOnlyMemory<byte> Batch)> batches)
    {
        for (var i = 1; i < batches.Count; i++)
        {
            if (ProducerOf(batches[i].Batch.Span) != ProducerOf(batches[0].Batch.Span))
                return false;
        }

        return true;
    }

    /// <summary>Appends a batch.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="version">The version of Produce.</param>
    /// <param name="log">Where the batch goes.</param>
    /// <param name="batch">The batch, checked to be one.</param>
    public async ValueTask<AppendResult> AppendAsync(string transactionalId, short version, PartitionLog log, Memory<byte> batch)
    {
        var (producerId, epoch) = ProducerOf(batch.Span);
        var join = JoinOf(version);
        while (true)
        {
            var markers = log.MarkerCount;
            if (!log.HasOpenTransaction(producerId, epoch))
            {
                var error = await transactions.JoinAsync(
                    transactionalId, producerId, epoch, [new PartitionKey(log.Topic, log.Partition)], join).ConfigureAwait(false);
                if (error != ErrorCode.None)
                    return Refuse(error, join, transactionalId, log);
            }

            var result = await log.AppendTransactionalAsync(batch, AppendOrigin.Client, markers, CancellationToken.None)
                .ConfigureAwait(false);
            // A transaction has ended in the partition meanwhile: perhaps this one.
            if (result.Error != ErrorCode.ConcurrentTransactions)
                return result;
        }
    }

    private static AppendResult Refuse(ErrorCode error, TransactionJoin join, string transactionalId, PartitionLog log)
    {
        // Older clients only try again on errors that they know from writes.
        var told = error switch
        {
            ErrorCode.CoordinatorNotAvailable or ErrorCode.NotCoordinator => ErrorCode.NotEnoughReplicas,
            ErrorCode.ConcurrentTransactions when join != TransactionJoin.Add => ErrorCode.NotEnoughReplicas,
            _ => error,
        };
        return new AppendResult(
            told, -1, -1, -1,
            $"{log.Topic}-{log.Partition} is not part of the transaction of '{transactionalId}' of this producer: {error}.");
    }

    private static (long Id, short Epoch) ProducerOf(ReadOnlySpan<byte> batch)
    {
        var view = RecordBatchView.Read(batch);
        return (view.ProducerId, view.ProducerEpoch);
    }

    private static TransactionJoin JoinOf(short version) => version switch
    {
        >= 12 => TransactionJoin.Add,
        11 => TransactionJoin.VerifyAbortable,
        _ => TransactionJoin.Verify,
    };
}
