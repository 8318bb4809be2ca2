using System.Threading.Tasks.Sources;

namespace Caudal.Client.Producing;

/// <summary>
/// The task of one awaited record: the one object that awaiting costs. Continuations run on the thread pool, never inside the producer.
/// </summary>
internal sealed class PendingDelivery : IValueTaskSource<RecordMetadata>
{
    private ManualResetValueTaskSourceCore<RecordMetadata> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private int _done;

    public ValueTask<RecordMetadata> Task => new(this, _core.Version);

    /// <summary>Gives up waiting when the token is cancelled. The record is on its way all the same.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(
                static (self, token) => ((PendingDelivery)self!).Fail(
                    new OperationCanceledException("The record was not awaited to its end; it may still be delivered.", token)),
                this);
        }
    }

    public void Succeed(in RecordMetadata metadata)
    {
        if (Interlocked.Exchange(ref _done, 1) == 0)
            _core.SetResult(metadata);
    }

    public void Fail(Exception error)
    {
        if (Interlocked.Exchange(ref _done, 1) == 0)
            _core.SetException(error);
    }

    RecordMetadata IValueTaskSource<RecordMetadata>.GetResult(short token)
    {
        _registration.Unregister();
        return _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<RecordMetadata>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<RecordMetadata>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
