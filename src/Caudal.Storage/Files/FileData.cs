using Caudal.Compression;
using Caudal.Storage.Segments;
using Microsoft.Win32.SafeHandles;

namespace Caudal.Storage.Files;

/// <summary>A segment in a file, with the log's tail cache in front.</summary>
internal sealed class FileData : SegmentData
{
    private readonly DiskIo _io;
    private readonly SafeFileHandle _handle;
    private readonly TailCache? _tail;
    private int _size;
    private bool _isTorn;
    private volatile bool _isCutUnsynced;

    internal FileData(DiskIo io, string path, FileMode mode, TailCache? tail, int preallocated = 0)
    {
        _io = io;
        Path = path;
        _tail = tail;
        _handle = io.Open(path, mode, preallocated);
        _size = checked((int)RandomAccess.GetLength(_handle));
    }

    /// <summary>The file, for messages: compaction gives it its name at the end.</summary>
    internal string Path { get; set; }

    internal override int Size => Volatile.Read(ref _size);

    /// <summary>Whether the disk may still have bytes behind the end that were cut off: what follows would count as damaged.</summary>
    internal bool IsCutUnsynced => _isCutUnsynced;

    internal override void Append(ReadOnlySpan<byte> batches)
    {
        // A failed write may have left a part behind: a shorter batch in its place would be followed by rubbish.
        CutTorn();
        _isTorn = true;
        _io.Write(Path, _handle, batches, _size);
        _isTorn = false;
        _tail?.Append(this, _size, batches);
        Volatile.Write(ref _size, _size + batches.Length);
    }

    internal override ReadOnlyMemory<byte> Look(int position, int wanted, out IDisposable? owner)
    {
        if (_tail is not null && _tail.TryLook(this, position, out var cached, out owner))
            return cached;
        return ReadFile(position, wanted, out owner);
    }

    /// <summary>As <see cref="Look"/>, past the tail cache; exactly as many bytes as wanted.</summary>
    internal ReadOnlyMemory<byte> ReadFile(int position, int wanted, out IDisposable owner)
    {
        var buffer = new PooledBuffer(wanted);
        var read = 0;
        try
        {
            while (read < wanted)
            {
                var count = RandomAccess.Read(_handle, buffer.GetSpan(wanted - read)[..(wanted - read)], position + read);
                if (count == 0)
                    throw new EndOfStreamException($"{Path} ends at byte {position + read}, where {_size} were written.");
                buffer.Advance(count);
                read += count;
            }
        }
        catch
        {
            buffer.Dispose();
            throw;
        }

        owner = buffer;
        return buffer.WrittenMemory;
    }

    /// <summary>Returns when the disk has everything that was appended before the call.</summary>
    internal void Flush()
    {
        // A cut that comes meanwhile waits for the next sync.
        _isCutUnsynced = false;
        _io.Flush(Path, _handle);
    }

    /// <summary>Cuts the file in recovery.</summary>
    internal void Truncate(int size)
    {
        _io.Truncate(Path, _handle, size);
        _isCutUnsynced = true;
        _isTorn = false;
        Volatile.Write(ref _size, size);
    }

    /// <summary>
    /// Removes what a failed append left behind. It has to be gone before another segment begins: recovery ends the log at the first bytes
    /// that are no batch.
    /// </summary>
    internal void CutTorn()
    {
        if (_isTorn)
            Truncate(_size);
    }

    public override void Dispose() => _handle.Dispose();
}
