namespace Caudal.Testing;

/// <summary>
/// A clock that stands still until a test moves it: retention, sessions, timeouts and delays of a broker come when the test says so.
/// </summary>
/// <remarks>
/// Give it to <see cref="Broker.EmbeddedBrokerOptions.TimeProvider"/>. Timers that are due run on the thread that calls
/// <see cref="Advance"/>, in the order of their times, each at its own time. Thread safe.
/// </remarks>
/// <example><code>
/// var clock = new ManualClock();
/// await using var broker = await EmbeddedBroker.StartAsync(new() { TimeProvider = clock });
/// clock.Advance(TimeSpan.FromDays(8)); // Records of last week are gone.
/// </code></example>
public sealed class ManualClock : TimeProvider
{
    private readonly Lock _lock = new();

    // Guarded by the lock.
    private readonly List<Timer> _timers = [];
    private DateTimeOffset _now;

    /// <summary>A clock that stands at a time.</summary>
    /// <param name="start">The time; by default the present, as the system tells it.</param>
    public ManualClock(DateTimeOffset? start = null) => _now = (start ?? System.GetUtcNow()).ToUniversalTime();

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>Moves the clock on, and runs the timers that become due.</summary>
    /// <param name="by">How far; not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        DateTimeOffset end;
        lock (_lock)
            end = _now + by;
        while (NextDue(end) is { } timer)
            timer.Run();
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    // Moves to the time of the next timer, or to the end if none is due until then.
    private Timer? NextDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is null)
            {
                _now = end > _now ? end : _now;
                return null;
            }

            if (next.Due > _now)
                _now = next.Due;
            if (next.Period > TimeSpan.Zero)
                next.Due += next.Period;
            else
                _timers.Remove(next);
            return next;
        }
    }

    private sealed class Timer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Run() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                Period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                }
            }

            // As with the system's timers, one that is due at once need not wait for the clock.
            if (dueTime == TimeSpan.Zero)
                ThreadPool.QueueUserWorkItem(static timer => timer.RunIfDue(), this, preferLocal: false);
            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void RunIfDue()
        {
            lock (clock._lock)
            {
                if (Due > clock._now || !clock._timers.Contains(this))
                    return;
                if (Period > TimeSpan.Zero)
                    Due += Period;
                else
                    clock._timers.Remove(this);
            }

            Run();
        }
    }
}
