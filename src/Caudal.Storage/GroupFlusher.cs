using System.Collections.Concurrent;

namespace Caudal.Storage;

/// <summary>
/// Brings logs to the disk, one group after the other: while one is being synced, the next one gathers, and all appends of a group wait for
/// the same sync.
/// </summary>
/// <remarks>
/// The logs of a group are synced side by side, because file systems join syncs that come together: 64 files take a seventh of the time
/// that they take in turn. Syncs block, so they have threads of their own.
/// </remarks>
internal sealed class GroupFlusher : IAsyncDisposable
{
    private const int MaxThreads = 8;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly SemaphoreSlim _work = new(0);
    private readonly ConcurrentQueue<(PartitionLog Log, Group Group)> _queue = new();
    private readonly Task _loop;
    private int _threads;
    private Group? _gathering;
    private bool _stopped;

    internal GroupFlusher() => _loop = Task.Run(RunAsync);

    /// <summary>Asks for a sync of what a log holds by now.</summary>
    /// <returns>Completes when it was tried; the log knows how far it is synced.</returns>
    internal Task Request(PartitionLog log)
    {
        lock (_lock)
        {
            if (_stopped)
                return Task.CompletedTask;
            if (_gathering is null)
            {
                _gathering = new Group();
                _signal.Release();
            }

            if (log.FlushGroup != _gathering)
            {
                log.FlushGroup = _gathering;
                _gathering.Logs.Add(log);
            }

            return _gathering.Done;
        }
    }

    /// <summary>Syncs what was asked for and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_stopped)
                return;
            _stopped = true;
        }

        _signal.Release();
        await _loop.ConfigureAwait(false);
        // A thread that finds no work ends.
        if (_threads > 0)
            _work.Release(_threads);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _signal.WaitAsync().ConfigureAwait(false);
            Group? group;
            lock (_lock)
            {
                group = _gathering;
                _gathering = null;
                if (group is null && _stopped)
                    return;
            }

            if (group is not null)
                await FlushAsync(group).ConfigureAwait(false);
        }
    }

    private Task FlushAsync(Group group)
    {
        group.Start();
        foreach (var log in group.Logs)
            _queue.Enqueue((log, group));
        for (; _threads < Math.Min(group.Logs.Count, MaxThreads); _threads++)
            new Thread(Work) { IsBackground = true, Name = "Caudal log flusher" }.Start();
        _work.Release(group.Logs.Count);
        return group.Done;
    }

    private void Work()
    {
        while (true)
        {
            _work.Wait();
            if (!_queue.TryDequeue(out var item))
                return;
            item.Log.Flush();
            item.Group.CompleteOne();
        }
    }

    /// <summary>The logs of one sync, and what their appends wait for.</summary>
    internal sealed class Group
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left;

        internal List<PartitionLog> Logs { get; } = [];

        internal Task Done => _done.Task;

        internal void Start() => _left = Logs.Count;

        internal void CompleteOne()
        {
            if (Interlocked.Decrement(ref _left) == 0)
                _done.SetResult();
        }
    }
}
