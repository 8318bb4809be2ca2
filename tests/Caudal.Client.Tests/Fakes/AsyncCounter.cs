namespace Caudal.Client.Tests;

/// <summary>Counts, and lets tests wait until it has counted far enough. Thread safe.</summary>
internal sealed class AsyncCounter
{
    private readonly Lock _lock = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private int _count;

    public int Count
    {
        get
        {
            lock (_lock)
                return _count;
        }
    }

    public void Increment()
    {
        lock (_lock)
        {
            _count++;
            foreach (var (_, reached) in _waiters.Where(w => w.Count <= _count))
                reached.TrySetResult();
        }
    }

    public Task ReachAsync(int count, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_count >= count)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }
}
