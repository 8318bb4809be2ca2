namespace Caudal.Storage;

/// <summary>
/// Brings logs to the disk, one group after the other: while one is being synced, the next one gathers, and all appends of a group wait for the same sync.
/// </summary>
internal sealed class GroupFlusher : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly Task _loop;
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

            return _gathering.Done.Task;
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
        _signal.Dispose();
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

            if (group is null)
                continue;
            foreach (var log in group.Logs)
                log.Flush();
            group.Done.SetResult();
        }
    }

    /// <summary>The logs of one sync, and what their appends wait for.</summary>
    internal sealed class Group
    {
        internal List<PartitionLog> Logs { get; } = [];

        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
