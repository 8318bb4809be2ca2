using System.Collections.Concurrent;

namespace Caudal.Storage.Files;

/// <summary>Unlinks renamed files and directories when their time has come. Thread safe.</summary>
internal sealed class FileRemover(DiskIo io, TimeProvider time)
{
    private readonly ConcurrentQueue<(string Path, DateTimeOffset Due)> _waiting = new();

    internal void RemoveLater(string path, long delayMs) =>
        _waiting.Enqueue((path, time.GetUtcNow() + TimeSpan.FromMilliseconds(Math.Clamp(delayMs, 0, int.MaxValue))));

    /// <summary>Removes what is due, or all of it.</summary>
    internal void Run(bool all = false)
    {
        var now = time.GetUtcNow();
        for (var count = _waiting.Count; count > 0 && _waiting.TryDequeue(out var item); count--)
        {
            if ((item.Due > now && !all) || !TryRemove(item.Path))
                _waiting.Enqueue(item);
        }
    }

    private bool TryRemove(string path)
    {
        try
        {
            if (Directory.Exists(path))
                io.DeleteDirectory(path);
            else
                io.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows refuses while a reader holds the file; the next run tries again, at the latest the next start does.
            return false;
        }
    }
}
