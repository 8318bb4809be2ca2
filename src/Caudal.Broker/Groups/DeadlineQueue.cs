namespace Caudal.Broker.Groups;

/// <summary>All deadlines of the coordinator in one queue, driven by one timer.</summary>
/// <remarks>
/// Sessions are put off with every heartbeat and hardly ever end: putting off only moves the deadline's own time; its entry in the queue is
/// moved when it comes
/// up. A cancelled deadline leaves its entry behind until then. All members but the constructor are called under <c>gate</c>, and so are
/// the deadlines' actions.
/// </remarks>
internal sealed class DeadlineQueue : IDisposable
{
    private readonly Lock _gate;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly PriorityQueue<Deadline, long> _queue = new();
    private readonly ITimer _timer;
    private long _timerMs = Deadline.None;
    private bool _isDisposed;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="gate">The lock that is taken when the timer fires.</param>
    public DeadlineQueue(TimeProvider time, Lock gate)
    {
        _time = time;
        _gate = gate;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((DeadlineQueue)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private long NowMs => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Sets a deadline, or moves it.</summary>
    public void Set(Deadline deadline, long inMs)
    {
        var due = NowMs + Math.Max(inMs, 0);
        deadline.DueMs = due;
        if (due >= deadline.QueuedMs)
            return;
        Enqueue(deadline);
        Arm();
    }

    /// <summary>Makes sure that a deadline is not reached.</summary>
    public static void Cancel(Deadline deadline) => deadline.DueMs = Deadline.None;

    /// <summary>Stops the timer: no deadline is reached any more.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _timer.Dispose();
    }

    private void Enqueue(Deadline deadline)
    {
        deadline.QueuedMs = deadline.DueMs;
        _queue.Enqueue(deadline, deadline.DueMs);
    }

    private void Fire()
    {
        lock (_gate)
        {
            _timerMs = Deadline.None;
            var now = NowMs;
            while (!_isDisposed && _queue.TryPeek(out var deadline, out var queued) && queued <= now)
            {
                _queue.Dequeue();
                if (deadline.QueuedMs != queued)
                    continue;
                deadline.QueuedMs = Deadline.None;
                if (deadline.DueMs == Deadline.None)
                    continue;
                if (deadline.DueMs > now)
                {
                    Enqueue(deadline);
                    continue;
                }

                deadline.DueMs = Deadline.None;
                deadline.Reached();
            }

            Arm();
        }
    }

    private void Arm()
    {
        if (_isDisposed || !_queue.TryPeek(out _, out var next) || next >= _timerMs)
            return;
        _timerMs = next;
        // At least 1 ms: a timer that fires a fraction too early must not spin.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(next - NowMs, 1)), Timeout.InfiniteTimeSpan);
    }
}
