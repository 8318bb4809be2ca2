namespace Caudal.Storage.Files;

/// <summary>Unlinks renamed files and directories when their time has come. Thread safe.</summary>
internal sealed class FileRemover : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly DiskIo _io;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    // Guarded by the lock.
    private readonly PriorityQueue<string, DateTimeOffset> _waiting = new();
    private bool _disposed;

    internal FileRemover(DiskIo io, TimeProvider time)
    {
        _io = io;
        _time = time;
        _timer = time.CreateTimer(
            static remover => ((FileRemover)remover!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal void RemoveLater(string path, long delayMs)
    {
        var due = _time.GetUtcNow() + TimeSpan.FromMilliseconds(Math.Clamp(delayMs, 0, int.MaxValue));
        lock (_lock)
        {
            _waiting.Enqueue(path, due);
            if (_waiting.Peek() == path)
                Schedule_UnderLock();
        }
    }

    /// <summary>Removes what is due, or all of it.</summary>
    internal void Run(bool all = false)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var refused = new List<string>();
            while (!_disposed && _waiting.TryPeek(out var path, out var due) && (due <= now || all))
            {
                _waiting.Dequeue();
                if (!TryRemove(path))
                    refused.Add(path);
            }

            // Windows refuses while a reader holds the file; at the latest the next start removes it.
            foreach (var path in refused)
                _waiting.Enqueue(path, now + Retry);
            Schedule_UnderLock();
        }
    }

    /// <summary>Removes nothing any more: the directory may be another store's.</summary>
    public void Dispose()
    {
        lock (_lock)
            _disposed = true;
        _timer.Dispose();
    }

    private void Schedule_UnderLock()
    {
        if (_disposed || !_waiting.TryPeek(out _, out var due))
            return;
        var wait = due - _time.GetUtcNow();
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private bool TryRemove(string path)
    {
        try
        {
            if (Directory.Exists(path))
                _io.DeleteDirectory(path);
            else
                _io.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
