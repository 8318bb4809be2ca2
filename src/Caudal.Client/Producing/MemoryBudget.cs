namespace Caudal.Client.Producing;

/// <summary>Bytes that may be in use at once; who finds too few left waits in line. Thread safe.</summary>
internal sealed class MemoryBudget(long total)
{
    // Guards the following.
    private readonly Lock _lock = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Ready)> _waiting = new();

    private long _available = total;

    public long Available => Volatile.Read(ref _available);

    /// <summary>Takes bytes if so many are left.</summary>
    public bool TryReserve(long bytes)
    {
        var available = Volatile.Read(ref _available);
        while (available >= bytes)
        {
            var seen = Interlocked.CompareExchange(ref _available, available - bytes, available);
            if (seen == available)
                return true;
            available = seen;
        }

        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(long bytes)
    {
        if (bytes == 0)
            return;
        Interlocked.Add(ref _available, bytes);
        lock (_lock)
        {
            // Those who wait are woken, not served: they compete with newcomers, and whoever loses waits again.
            var left = Volatile.Read(ref _available);
            while (_waiting.First is { } first && first.Value.Bytes <= left)
            {
                left -= first.Value.Bytes;
                _waiting.RemoveFirst();
                first.Value.Ready.TrySetResult();
            }
        }
    }

    /// <summary>Waits until so many bytes may be left; then try again.</summary>
    public async ValueTask WaitAsync(long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<(long Bytes, TaskCompletionSource Ready)> node;
        lock (_lock)
        {
            if (Available >= bytes)
                return;
            node = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await node.Value.Ready.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                if (node.List is not null)
                    _waiting.Remove(node);
            }

            // It may have been woken at the same moment: pass that on.
            Pass();
            throw;
        }
    }

    private void Pass()
    {
        lock (_lock)
        {
            if (_waiting.First is { } first && first.Value.Bytes <= Available)
            {
                _waiting.RemoveFirst();
                first.Value.Ready.TrySetResult();
            }
        }
    }
}
