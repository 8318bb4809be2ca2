namespace Caudal.Client.Producing;

/// <summary>Wakes partitions later: when a batch has lingered long enough, when a retry is due. One timer for all. Thread safe.</summary>
internal sealed class PartitionTimers : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;

    // Guards the following.
    private readonly Lock _lock = new();
    private readonly PriorityQueue<(PartitionQueue Partition, ProducerBatch? Batch), long> _due = new();
    private long _next = long.MaxValue;

    public PartitionTimers(TimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(
            static self => ((PartitionTimers)self!).Elapsed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Calls <see cref="PartitionQueue.TimerElapsed"/> after so many ticks of the clock.</summary>
    public void Add(PartitionQueue partition, ProducerBatch? batch, long ticks)
    {
        lock (_lock)
        {
            var due = _clock.GetTimestamp() + ticks;
            _due.Enqueue((partition, batch), due);
            Arm_UnderLock(due);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Elapsed()
    {
        List<(PartitionQueue Partition, ProducerBatch? Batch)> due = [];
        lock (_lock)
        {
            _next = long.MaxValue;
            var now = _clock.GetTimestamp();
            while (_due.TryPeek(out var entry, out var time))
            {
                if (time > now)
                {
                    Arm_UnderLock(time);
                    break;
                }

                _due.Dequeue();
                due.Add(entry);
            }
        }

        foreach (var (partition, batch) in due)
            partition.TimerElapsed(batch);
    }

    private void Arm_UnderLock(long due)
    {
        if (due >= _next)
            return;
        _next = due;
        var wait = _clock.GetElapsedTime(_clock.GetTimestamp(), due);
        // Timers count whole milliseconds and round down; one that is early would only be set again.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(Math.Ceiling(wait.TotalMilliseconds), 0)), Timeout.InfiniteTimeSpan);
    }
}
