namespace Caudal.Broker.Fetching;

/// <summary>A fetch that waits until its partitions hold enough, something goes wrong with one of them, or its time is up.</summary>
/// <remarks>
/// Woken by the logs, never polling. The race between looking and waiting is closed by the order: register with all logs, then look, then
/// wait for a signal; an append after the look has signalled already. One waiter, any number of signallers.
/// </remarks>
internal sealed class FetchWait : IDisposable
{
    private readonly FetchTarget[] _targets;
    private readonly Action<FetchTarget[]> _resolve;
    private readonly int _minBytes;
    private readonly bool _committed;
    private readonly List<IDisposable> _registrations;
    private readonly ITimer _timer;
    private TaskCompletionSource _signal = NewSignal();
    private volatile bool _isOver;

    private FetchWait(
        FetchTarget[] targets, Action<FetchTarget[]> resolve, int minBytes, bool committed, TimeSpan maxWait, TimeProvider time)
    {
        _targets = targets;
        _resolve = resolve;
        _minBytes = minBytes;
        _committed = committed;
        _registrations = new List<IDisposable>(targets.Length);
        foreach (var target in targets)
        {
            if (target.Log is { } log)
                _registrations.Add(log.OnAdvance(Signal));
        }

        _timer = time.CreateTimer(static state => ((FetchWait)state!).End(), this, maxWait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether a fetch can be answered without waiting.</summary>
    public static bool IsSatisfied(FetchTarget[] targets, int minBytes, bool committed)
    {
        long available = 0;
        if (targets.Length == 0)
            return true;
        for (var i = 0; i < targets.Length; i++)
        {
            ref readonly var target = ref targets[i];
            if (target.AnswersAtOnce)
                return true;
            var log = target.Log!;
            available += log.AvailableBytes(target.Offset, committed ? log.LastStableOffset : log.HighWatermark);
            if (available >= minBytes)
                return true;
        }

        return available >= minBytes;
    }

    /// <summary>Waits; returns when there is something to answer, the time is up, or the token is cancelled.</summary>
    /// <param name="targets">What to wait for.</param>
    /// <param name="resolve">Finds the logs of the targets again: a topic may be deleted while the fetch waits for it.</param>
    /// <param name="minBytes">How much is worth an answer.</param>
    /// <param name="committed">Whether only committed records count.</param>
    /// <param name="maxWait">How long to wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async ValueTask WaitAsync(
        FetchTarget[] targets,
        Action<FetchTarget[]> resolve,
        int minBytes,
        bool committed,
        TimeSpan maxWait,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var wait = new FetchWait(targets, resolve, minBytes, committed, maxWait, time);
        using var registration = cancellationToken.UnsafeRegister(static state => ((FetchWait)state!).End(), wait);
        await wait.RunAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _timer.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask RunAsync()
    {
        while (!_isOver)
        {
            // A topic that was deleted before the registration has notified already: look it up again before the first wait too.
            _resolve(_targets);
            if (IsSatisfied(_targets, _minBytes, _committed))
                return;
            var signal = Volatile.Read(ref _signal);
            await signal.Task.ConfigureAwait(false);
            // What is signalled between the exchange and the look is seen by the look; what comes after it signals the new source.
            Interlocked.CompareExchange(ref _signal, NewSignal(), signal);
        }
    }

    private void Signal() => Volatile.Read(ref _signal).TrySetResult();

    private void End()
    {
        _isOver = true;
        Signal();
    }
}
