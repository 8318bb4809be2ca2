using Caudal.Protocol;

namespace Caudal.Broker.Transactions;

/// <content>InitProducerId: who takes over a transactional id, and with which epoch.</content>
internal sealed partial class TransactionCoordinator
{
    /// <summary>Gives a producer its id and epoch, and fences whoever had the transactional id before.</summary>
    /// <param name="transactionalId">The transactional id; null for a producer that is only idempotent.</param>
    /// <param name="timeoutMs">How long a transaction may be open.</param>
    /// <param name="present">The id and epoch that the producer has (KIP-360); null for a new one.</param>
    /// <returns>
    /// The identity; CONCURRENT_TRANSACTIONS if a transaction was open, which has been aborted, PRODUCER_FENCED if the producer is not the
    /// one that has the id.
    /// </returns>
    public async ValueTask<ProducerIdentity> InitializeAsync(string? transactionalId, int timeoutMs, (long Id, short Epoch)? present)
    {
        // As in Kafka, also for one that names an id of its own: nobody would know of it.
        if (transactionalId is null)
            return new ProducerIdentity(ErrorCode.None, await _nextProducerId().ConfigureAwait(false), 0);
        if (transactionalId.Length == 0)
            return new ProducerIdentity(ErrorCode.InvalidRequest);
        if (timeoutMs <= 0 || timeoutMs > _options.MaxTimeoutMs)
            return new ProducerIdentity(ErrorCode.InvalidTransactionTimeout);
        var spareId = TransactionStatus.None;
        while (true)
        {
            Step step;
            lock (_gate)
                step = Initialize_UnderLock(transactionalId, timeoutMs, present, spareId);
            if (step.Answer is { } answer)
                return answer;
            if (step.Waiting is { } waiting)
                await waiting.ConfigureAwait(false);
            else if (step.Fencing is { } fencing)
                return AfterFencing(await fencing.ConfigureAwait(false));
            else if (step.Change is { } change)
                return Identity(await change.ConfigureAwait(false), step.Next!);
            else
                spareId = await _nextProducerId().ConfigureAwait(false);
        }
    }

    // The producer asks again, as it does of Kafka, and finds nothing open.
    private static ProducerIdentity AfterFencing(ErrorCode error) =>
        new(error == ErrorCode.None ? ErrorCode.ConcurrentTransactions : error);

    private Step Initialize_UnderLock(string transactionalId, int timeoutMs, (long Id, short Epoch)? present, long spareId)
    {
        if (_isStopped)
            return Step.Refuse(ErrorCode.CoordinatorNotAvailable);
        if (!_ids.TryGetValue(transactionalId, out var id))
        {
            if (spareId == TransactionStatus.None)
                return Step.NeedsProducerId;
            var unknown = new TransactionStatus { ProducerId = spareId, TimeoutMs = timeoutMs, UpdatedMs = NowMs };
            _ids[transactionalId] = id = new TransactionalId(transactionalId, unknown);
        }

        var status = id.Status;
        if (id.Change is { } change)
            return Step.WaitFor(change);
        if (present is { } stale && !Has(status, stale))
            return Step.Refuse(ErrorCode.ProducerFenced);
        if (id.IsEnding)
            return Step.Refuse(ErrorCode.ConcurrentTransactions);
        if (status.State == TransactionState.Ongoing)
            return new Step { Fencing = Fence_UnderLock(id) };
        if (status.IsExhausted && (present is null || present.Value.Epoch == status.Epoch))
        {
            return spareId == TransactionStatus.None
                ? Step.NeedsProducerId
                : Change_UnderLock(id, status.Rotate(spareId, present is not null, timeoutMs, NowMs), null);
        }

        var next = Bump(status, present, timeoutMs);
        return next is null ? Step.Refuse(ErrorCode.ProducerFenced) : Change_UnderLock(id, next, null);
    }

    // Whether the producer has the transactional id: by its present producer id, or by the former one if the answer that gave it the new
    // one was lost.
    private static bool Has(TransactionStatus status, (long Id, short Epoch) present) =>
        status.Epoch == TransactionStatus.NoEpoch
        || present.Id == status.ProducerId
        || (present.Id == status.PreviousProducerId && TransactionStatus.IsLast(present.Epoch));

    private TransactionStatus? Bump(TransactionStatus status, (long Id, short Epoch)? present, int timeoutMs)
    {
        var bumped = (short)(status.Epoch + 1);
        if (present is not { } producer)
            return status.Initialize(bumped, TransactionStatus.NoEpoch, timeoutMs, NowMs);
        // It goes on after an error, and nobody has come between.
        if (status.Epoch == TransactionStatus.NoEpoch || producer.Epoch == status.Epoch)
            return status.Initialize(bumped, status.Epoch, timeoutMs, NowMs);
        // It lost the answer and asks again.
        return producer.Epoch == status.LastEpoch ? status.Initialize(status.Epoch, status.LastEpoch, timeoutMs, NowMs) : null;
    }

    // The producer that has the transactional id can do nothing more, and its open transaction is aborted.
    private Task<ErrorCode> Fence_UnderLock(TransactionalId id)
    {
        if (!id.IsFenced)
            id.Status = id.Status.Fence();
        id.IsFenced = true;
        Log.Fenced(_logger, id.Id, id.Status.ProducerId, id.Status.Epoch);
        return End_UnderLock(id, id.Status.PrepareFencedAbort(NowMs));
    }
}
