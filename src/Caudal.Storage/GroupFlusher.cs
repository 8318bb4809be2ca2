namespace Caudal.Storage;

/// <summary>
/// Brings logs to the disk: while a log is being synced, its next sync gathers, and all appends that come meanwhile wait for that one.
/// </summary>
/// <remarks>
/// Logs are synced side by side, because file systems join syncs that come together: 96 files take a tenth of the time that they take in
/// turn. No log waits for another one's sync. Syncs block, so they have threads of their own; more of them gain nothing.
/// </remarks>
internal sealed class GroupFlusher : IAsyncDisposable
{
    private const int MaxThreads = 8;

    private readonly SemaphoreSlim _work = new(0);

    // Guards the following, and the logs' FlushTurn.
    private readonly Lock _lock = new();
    private readonly Queue<PartitionLog> _due = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private int _threads;
    private bool _stopped;

    /// <summary>Asks for a sync of what a log holds by now.</summary>
    /// <returns>Completes when it was tried; the log knows how far it is synced.</returns>
    internal Task Request(PartitionLog log)
    {
        var turn = log.FlushTurn;
        Task done;
        lock (_lock)
        {
            if (_stopped)
                return Task.CompletedTask;
            if (turn.Gathering is { } gathering)
                return gathering.Task;
            turn.Gathering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            done = turn.Gathering.Task;
            // A sync that runs may have begun before the append; whoever runs it goes on with the next one.
            if (!turn.IsRunning)
                Enqueue_UnderLock(log);
        }

        return done;
    }

    /// <summary>Syncs what was asked for and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _stopped = true;
            CompleteWhenIdle_UnderLock();
        }

        await _idle.Task.ConfigureAwait(false);
        // A thread that finds no work ends.
        if (Interlocked.Exchange(ref _threads, 0) is var threads and > 0)
            _work.Release(threads);
    }

    private void Enqueue_UnderLock(PartitionLog log)
    {
        _due.Enqueue(log);
        if (_threads < Math.Min(_due.Count + _running, MaxThreads))
        {
            _threads++;
            new Thread(Work) { IsBackground = true, Name = "Caudal log flusher" }.Start();
        }

        _work.Release();
    }

    private void Work()
    {
        while (true)
        {
            _work.Wait();
            PartitionLog? log;
            TaskCompletionSource done;
            lock (_lock)
            {
                if (!_due.TryDequeue(out log))
                    return;
                _running++;
                done = log.FlushTurn.Begin();
            }

            log.Flush();
            lock (_lock)
            {
                _running--;
                log.FlushTurn.IsRunning = false;
                if (log.FlushTurn.Gathering is not null)
                    Enqueue_UnderLock(log);
                else
                    CompleteWhenIdle_UnderLock();
            }

            done.SetResult();
        }
    }

    private void CompleteWhenIdle_UnderLock()
    {
        if (_stopped && _running == 0 && _due.Count == 0)
            _idle.TrySetResult();
    }

    /// <summary>What a log's appends wait for. The flusher's, under its lock.</summary>
    internal sealed class Turn
    {
        /// <summary>The sync that has not begun; null if none was asked for.</summary>
        internal TaskCompletionSource? Gathering { get; set; }

        /// <summary>Whether a thread has the log in hand.</summary>
        internal bool IsRunning { get; set; }

        internal TaskCompletionSource Begin()
        {
            var begun = Gathering!;
            Gathering = null;
            IsRunning = true;
            return begun;
        }
    }
}
