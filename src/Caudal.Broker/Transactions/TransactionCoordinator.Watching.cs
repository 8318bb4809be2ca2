using Caudal.Protocol;

namespace Caudal.Broker.Transactions;

/// <content>What time does to transactional ids: transactions that are open for too long are aborted, silent ids are forgotten.</content>
internal sealed partial class TransactionCoordinator
{
    private void StartTimers()
    {
        StartTimer(static coordinator => coordinator.AbortTimedOut(), _options.TimeoutCheckInterval);
        StartTimer(static coordinator => coordinator.ForgetExpired(), _options.ExpirationCheckInterval);
    }

    private void StartTimer(Action<TransactionCoordinator> run, TimeSpan period) =>
        _timers.Add(_time.CreateTimer(_ => run(this), null, period, period));

    private void AbortTimedOut()
    {
        lock (_gate)
        {
            var now = NowMs;
            foreach (var id in _ids.Values)
            {
                var status = id.Status;
                if (_isStopped || id.Change is not null || status.State != TransactionState.Ongoing)
                    continue;
                if (now - status.StartMs <= status.TimeoutMs)
                    continue;
                Log.TimedOut(_logger, id.Id, status.ProducerId, status.TimeoutMs);
                Fence_UnderLock(id);
            }
        }
    }

    private void ForgetExpired()
    {
        lock (_gate)
        {
            var now = NowMs;
            foreach (var id in _ids.Values)
            {
                var isIdle = id.Change is null
                    && id.Status.State is TransactionState.Empty or TransactionState.CompleteCommit or TransactionState.CompleteAbort;
                if (!_isStopped && isIdle && now - id.Status.UpdatedMs >= (long)_options.Expiration.TotalMilliseconds)
                    Forget_UnderLock(id, now);
            }
        }
    }

    private void Forget_UnderLock(TransactionalId id, long nowMs)
    {
        var done = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        id.Change = done.Task;
        Log.Expired(_logger, id.Id);
        Write_UnderLock(id.Id, TransactionRecords.Delete(id.Id, nowMs), error =>
        {
            id.Change = null;
            if (error == ErrorCode.None)
                _ids.Remove(id.Id);
            done.TrySetResult(error);
        });
    }
}
