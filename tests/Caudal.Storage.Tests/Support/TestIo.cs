using System.Collections.Concurrent;
using Caudal.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace Caudal.Storage.Tests.Support;

/// <summary>A disk that fails when told to, and knows what it was asked to keep.</summary>
internal sealed class TestIo : DiskIo
{
    private readonly ConcurrentDictionary<string, long> _synced = new();
    private volatile string? _full;

    /// <summary>How many bytes of the next writes to a segment still fit; −1 for all.</summary>
    internal int RoomLeft { get; set; } = -1;

    /// <summary>Whether no write to any file succeeds.</summary>
    internal bool IsFull { get; set; }

    internal bool FlushFails { get; set; }

    /// <summary>A flush of a segment waits here first.</summary>
    internal Action? BeforeFlush { get; set; }

    internal int SegmentFlushes { get; private set; }

    internal override void Write(string path, SafeFileHandle handle, ReadOnlySpan<byte> bytes, long position)
    {
        if (IsFull)
            throw new IOException("No space left on device.");
        if (RoomLeft >= 0 && path.EndsWith(".log", StringComparison.Ordinal) && bytes.Length > RoomLeft)
        {
            base.Write(path, handle, bytes[..RoomLeft], position);
            _full = path;
            throw new IOException("No space left on device.");
        }

        base.Write(path, handle, bytes, position);
    }

    internal override void Flush(string path, SafeFileHandle handle)
    {
        if (path.EndsWith(".log", StringComparison.Ordinal))
        {
            BeforeFlush?.Invoke();
            if (FlushFails)
                throw new IOException("Input/output error.");
            SegmentFlushes++;
        }

        _synced[path] = RandomAccess.GetLength(handle);
    }

    internal bool WasFull => _full is not null;

    /// <summary>A power cut: of each segment only what was synced is left.</summary>
    internal void LoseUnsynced(string directory)
    {
        foreach (var file in Directory.GetFiles(directory, "*.log"))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.SetLength(handle, _synced.GetValueOrDefault(file));
        }
    }
}
