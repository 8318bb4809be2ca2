using Caudal.Broker.StateLogs;
using Caudal.Protocol;

namespace Caudal.Broker.Transactions;

/// <content>AddPartitionsToTxn and what stands in for it: which partitions belong to a transaction.</content>
internal sealed partial class TransactionCoordinator
{
    /// <summary>Adds partitions to a producer's transaction, which begins with the first.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="producerId">The producer.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="partitions">The partitions.</param>
    /// <param name="clientVersion">The version of the transaction protocol that the client follows.</param>
    public async ValueTask<ErrorCode> AddAsync(
        string transactionalId, long producerId, short epoch, IReadOnlyCollection<PartitionKey> partitions, short clientVersion)
    {
        if (transactionalId.Length == 0)
            return ErrorCode.InvalidRequest;
        while (true)
        {
            Task? waiting;
            Task<ErrorCode>? change = null;
            lock (_gate)
            {
                if (Check_UnderLock(transactionalId, producerId, epoch, out var id) is var error and not ErrorCode.None)
                    return error;
                if (id!.Change is null && id.IsEnding)
                    return ErrorCode.ConcurrentTransactions;
                if (id.Change is null && id.Status.State == TransactionState.Ongoing && partitions.All(id.Status.Partitions.Contains))
                    return ErrorCode.None;
                waiting = id.Change;
                if (waiting is null)
                    change = Change_UnderLock(id, id.Status.Add(partitions, clientVersion, NowMs));
            }

            if (change is not null)
                return await change.ConfigureAwait(false);
            await waiting!.ConfigureAwait(false);
        }
    }

    /// <summary>Says whether a partition belongs to a producer's transaction; TRANSACTION_ABORTABLE if it does not.</summary>
    /// <remarks>A change that is being written does not count: who adds a partition writes to it after the answer.</remarks>
    public ErrorCode Verify(string transactionalId, long producerId, short epoch, PartitionKey partition)
    {
        lock (_gate)
        {
            if (Check_UnderLock(transactionalId, producerId, epoch, out var id) is var error and not ErrorCode.None)
                return error;
            if (id!.IsEnding)
                return ErrorCode.ConcurrentTransactions;
            return id.Status.Partitions.Contains(partition) ? ErrorCode.None : ErrorCode.TransactionAbortable;
        }
    }

    /// <summary>
    /// Makes sure that a partition belongs to a producer's transaction before records are written to it (KIP-890), and says what to tell a
    /// client that follows the way of <paramref name="join"/>.
    /// </summary>
    public async ValueTask<ErrorCode> JoinAsync(
        string transactionalId, long producerId, short epoch, IReadOnlyCollection<PartitionKey> partitions, TransactionJoin join)
    {
        var error = ErrorCode.None;
        if (join == TransactionJoin.Add)
        {
            error = await AddAsync(transactionalId, producerId, epoch, partitions, 2).ConfigureAwait(false);
        }
        else
        {
            foreach (var partition in partitions)
            {
                if (error == ErrorCode.None)
                    error = Verify(transactionalId, producerId, epoch, partition);
            }
        }

        return error switch
        {
            // Producers look for this one in answers to writes.
            ErrorCode.ProducerFenced => ErrorCode.InvalidProducerEpoch,
            ErrorCode.TransactionAbortable when join == TransactionJoin.Verify => ErrorCode.InvalidTxnState,
            _ => error,
        };
    }

    private ErrorCode Check_UnderLock(string transactionalId, long producerId, short epoch, out TransactionalId? id)
    {
        id = null;
        if (_isStopped)
            return ErrorCode.CoordinatorNotAvailable;
        if (!_ids.TryGetValue(transactionalId, out id) || id.Status.ProducerId != producerId)
            return ErrorCode.InvalidProducerIdMapping;
        return id.Status.Epoch == epoch ? ErrorCode.None : ErrorCode.ProducerFenced;
    }
}
