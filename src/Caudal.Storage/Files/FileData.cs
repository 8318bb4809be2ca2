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

    internal override void Append(ReadOnlySpan<byte> batches)
    {
        // A failed write may have left a part behind: a shorter batch in its place would be followed by rubbish.
        if (_isTorn)
            Truncate(_size);
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
    internal void Flush() => _io.Flush(Path, _handle);

    /// <summary>Cuts the file: in recovery, or to remove what a failed append left behind.</summary>
    internal void Truncate(int size)
    {
        _io.Truncate(Path, _handle, size);
        _isTorn = false;
        Volatile.Write(ref _size, size);
    }

    public override void Dispose()
    {
        try
        {
            if (_isTorn && !_handle.IsClosed)
                RandomAccess.SetLength(_handle, _size);
        }
        catch (IOException)
        {
            // The next start cuts it.
        }

        _handle.Dispose();
    }
}
