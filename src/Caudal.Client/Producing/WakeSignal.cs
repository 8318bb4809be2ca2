using System.Threading.Tasks.Sources;

namespace Caudal.Client.Producing;

/// <summary>
/// Wakes the one loop that waits for it; signals that come while the loop is busy become one. Thread safe; allocates nothing.
/// </summary>
internal sealed class WakeSignal : IValueTaskSource
{
    private const int Idle = 0;
    private const int Set = 1;
    private const int Waiting = 2;

    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    /// <summary>Wakes the loop now, or spares it the next wait.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _state, Set) != Waiting)
            return;
        // The loop is woken: what others signal until it runs is seen by it all the same.
        Volatile.Write(ref _state, Idle);
        _core.SetResult(true);
    }

    /// <summary>Waits for a signal. One waiter at a time.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Set) == Set)
            return ValueTask.CompletedTask;
        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
            return new ValueTask(this, _core.Version);
        Volatile.Write(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
