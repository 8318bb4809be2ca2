namespace Caudal.Storage;

/// <summary>A sync that serves everyone who asked before it began: the names of a thousand new partitions are one directory's.</summary>
/// <remarks>Thread safe. Blocks while another one's sync runs.</remarks>
internal sealed class SharedSync(Action sync)
{
    private readonly Lock _lock = new();
    private long _requested;
    private long _done;

    /// <summary>Notes that something is to be synced.</summary>
    /// <returns>What to hand to <see cref="Complete"/>.</returns>
    internal long Request() => Interlocked.Increment(ref _requested);

    /// <summary>Returns when a sync was made after the request.</summary>
    internal void Complete(long request)
    {
        lock (_lock)
        {
            if (_done >= request)
                return;
            var requested = Interlocked.Read(ref _requested);
            sync();
            _done = requested;
        }
    }
}
