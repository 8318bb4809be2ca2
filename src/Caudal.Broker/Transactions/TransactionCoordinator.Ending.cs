using Caudal.Protocol;

namespace Caudal.Broker.Transactions;

/// <content>EndTxn: what may be committed or aborted, and which of it was already.</content>
internal sealed partial class TransactionCoordinator
{
    /// <summary>Commits or aborts a producer's transaction; completes when the outcome is in all its partitions.</summary>
    /// <param name="transactionalId">The transactional id.</param>
    /// <param name="producerId">The producer.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="isCommit">The outcome.</param>
    /// <param name="clientVersion">
    /// The version of the transaction protocol that the client follows: from 2 on every transaction has an epoch of its own, and the
    /// producer goes on with the identity returned.
    /// </param>
    public async ValueTask<ProducerIdentity> EndAsync(
        string transactionalId, long producerId, short epoch, bool isCommit, short clientVersion)
    {
        if (transactionalId.Length == 0)
            return new ProducerIdentity(ErrorCode.InvalidRequest);
        var spareId = TransactionStatus.None;
        while (true)
        {
            Step step;
            lock (_gate)
            {
                if (_isStopped)
                    return new ProducerIdentity(ErrorCode.CoordinatorNotAvailable);
                if (!_ids.TryGetValue(transactionalId, out var id))
                    return new ProducerIdentity(ErrorCode.InvalidProducerIdMapping);
                step = clientVersion >= 2
                    ? EndOwnEpoch_UnderLock(id, producerId, epoch, isCommit, clientVersion, spareId)
                    : End_UnderLock(id, producerId, epoch, isCommit, clientVersion);
            }

            if (step.Answer is { } answer)
                return answer;
            if (step.Waiting is { } waiting)
                await waiting.ConfigureAwait(false);
            else if (step.Change is { } change)
                return Identity(await change.ConfigureAwait(false), step.Next!);
            else
                spareId = await _nextProducerId().ConfigureAwait(false);
        }
    }

    // Before KIP-890: the producer keeps its epoch.
    private Step End_UnderLock(TransactionalId id, long producerId, short epoch, bool isCommit, short clientVersion)
    {
        var status = id.Status;
        if (status.ProducerId != producerId)
            return Step.Refuse(ErrorCode.InvalidProducerIdMapping);
        if (status.Epoch != epoch)
            return Step.Refuse(ErrorCode.ProducerFenced);
        if (id.Change is { } change)
            return Step.WaitFor(change);
        if (status.State == TransactionState.Ongoing)
        {
            var prepared = status.Prepare(isCommit, clientVersion, TransactionStatus.None, NowMs);
            return new Step { Change = End_UnderLock(id, prepared), Next = prepared.Complete(NowMs) };
        }

        return AnswerRetry(status, isCommit);
    }

    // KIP-890: the epoch rises with every transaction, so a retry is known by the epoch before it, and the same epoch means the next
    // transaction, which may be empty.
    private Step EndOwnEpoch_UnderLock(
        TransactionalId id, long producerId, short epoch, bool isCommit, short clientVersion, long spareId)
    {
        var status = id.Status;
        var isOverflowRetry = status.PreviousProducerId == producerId && status.ProducerId != producerId
            && TransactionStatus.IsLast(epoch) && status.Epoch == 0;
        var isRetry = isOverflowRetry || status.Epoch == epoch + 1;
        if (status.ProducerId != producerId && !isOverflowRetry)
            return Step.Refuse(ErrorCode.InvalidProducerIdMapping);
        var isValid = status.State switch
        {
            TransactionState.PrepareCommit or TransactionState.PrepareAbort => isRetry,
            TransactionState.CompleteCommit or TransactionState.CompleteAbort => isRetry || epoch == status.Epoch,
            _ => epoch == status.Epoch,
        };
        if (!isValid)
            return Step.Refuse(ErrorCode.ProducerFenced);
        if (id.Change is { } change)
            return Step.WaitFor(change);
        if (isRetry)
            return AnswerRetry(status, isCommit);
        if (status.State != TransactionState.Ongoing && isCommit)
            return Step.Refuse(ErrorCode.InvalidTxnState);
        if (status.IsExhausted && spareId == TransactionStatus.None)
            return Step.NeedsProducerId;
        var prepared = status.Prepare(isCommit, clientVersion, status.IsExhausted ? spareId : TransactionStatus.None, NowMs);
        return new Step { Change = End_UnderLock(id, prepared), Next = prepared.Complete(NowMs) };
    }

    private static Step AnswerRetry(TransactionStatus status, bool isCommit) => status.State switch
    {
        TransactionState.CompleteCommit when isCommit => Step.Answered(Identity(ErrorCode.None, status)),
        TransactionState.CompleteAbort when !isCommit => Step.Answered(Identity(ErrorCode.None, status)),
        TransactionState.PrepareCommit when isCommit => Step.Refuse(ErrorCode.ConcurrentTransactions),
        TransactionState.PrepareAbort when !isCommit => Step.Refuse(ErrorCode.ConcurrentTransactions),
        _ => Step.Refuse(ErrorCode.InvalidTxnState),
    };

    private static ProducerIdentity Identity(ErrorCode error, TransactionStatus status) =>
        error == ErrorCode.None ? new(error, status.ProducerId, status.Epoch) : new(error);

    private Step Change_UnderLock(TransactionalId id, TransactionStatus next, Task<ErrorCode>? change) =>
        new() { Change = change ?? Change_UnderLock(id, next), Next = next };

    /// <summary>What one look under the lock leads to: an answer, a wait after which to look again, a change, or none yet.</summary>
    private readonly record struct Step
    {
        /// <summary>A new producer id is needed first.</summary>
        public static Step NeedsProducerId => default;

        /// <summary>The answer.</summary>
        public ProducerIdentity? Answer { get; init; }

        /// <summary>Another change, which must be over first.</summary>
        public Task? Waiting { get; init; }

        /// <summary>The change that was begun.</summary>
        public Task<ErrorCode>? Change { get; init; }

        /// <summary>The end of an open transaction whose producer is fenced.</summary>
        public Task<ErrorCode>? Fencing { get; init; }

        /// <summary>What is so after the change.</summary>
        public TransactionStatus? Next { get; init; }

        public static Step Answered(ProducerIdentity answer) => new() { Answer = answer };

        public static Step Refuse(ErrorCode error) => new() { Answer = new ProducerIdentity(error) };

        public static Step WaitFor(Task change) => new() { Waiting = change };
    }
}
