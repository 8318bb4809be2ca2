namespace Caudal.Client.Consuming;

/// <summary>Wakes one waiter; a signal that nobody waits for is kept for the next one. Thread safe, for one waiter at a time.</summary>
internal sealed class AsyncSignal
{
    // Guards the following.
    private readonly Lock _lock = new();
    private bool _set;
    private TaskCompletionSource<bool>? _waiter;

    public void Set()
    {
        TaskCompletionSource<bool>? waiter;
        lock (_lock)
        {
            waiter = _waiter;
            _waiter = null;
            _set = waiter is null;
        }

        if (waiter is null || waiter.TrySetResult(true))
            return;
        // The waiter timed out or was cancelled at the same moment: the signal is for whoever waits next.
        lock (_lock)
            _set = true;
    }

    /// <summary>Waits for the signal.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) =>
        WaitAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <summary>Waits for the signal, but not for ever.</summary>
    /// <returns>Whether it came in time.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<bool> WaitAsync(TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource<bool> waiter;
        lock (_lock)
        {
            if (_set)
            {
                _set = false;
                return ValueTask.FromResult(true);
            }

            if (timeout != Timeout.InfiniteTimeSpan && timeout <= TimeSpan.Zero)
                return ValueTask.FromResult(false);
            waiter = _waiter ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return WaitAsync(waiter, timeout, timeProvider, cancellationToken);
    }

    private async ValueTask<bool> WaitAsync(
        TaskCompletionSource<bool> waiter, TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var timer = timeout == Timeout.InfiniteTimeSpan
            ? null
            : timeProvider.CreateTimer(
                static w => ((TaskCompletionSource<bool>)w!).TrySetResult(false), waiter, timeout, Timeout.InfiniteTimeSpan);
        await using var registration = cancellationToken.UnsafeRegister(
            static (w, token) => ((TaskCompletionSource<bool>)w!).TrySetCanceled(token), waiter).ConfigureAwait(false);
        try
        {
            return await waiter.Task.ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (_waiter == waiter)
                    _waiter = null;
            }
        }
    }
}
