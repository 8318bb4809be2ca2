using System.Buffers;

namespace Caudal.Compression;

/// <summary>
/// A growing byte buffer whose array comes from a pool of its own (never <see cref="ArrayPool{T}.Shared"/>, where a stray second return by
/// any other code would corrupt records). <see cref="Dispose"/> gives the array back. Not thread safe.
/// </summary>
public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int SmallestArray = 256;

    // Arrays up to 16 MiB, eight of each power of two: what a busy process keeps at most is 256 MiB. Larger ones go to the collector.
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(maxArrayLength: 16 << 20, maxArraysPerBucket: 8);

    private byte[] _array = [];
    private bool _disposed;

    /// <summary>Makes an empty buffer that holds no array yet.</summary>
    public PooledBuffer()
    {
    }

    /// <summary>Makes an empty buffer with room for <paramref name="capacity"/> bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    public PooledBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Reserve(capacity);
    }

    /// <summary>How many bytes were written since the buffer was made or cleared.</summary>
    public int WrittenCount { get; private set; }

    /// <summary>What was written; valid until the next write, <see cref="Clear"/> or <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _array.AsSpan(0, WrittenCount);

    /// <summary>What was written; valid until the next write, <see cref="Clear"/> or <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _array.AsMemory(0, WrittenCount);

    /// <summary>Forgets what was written and keeps the array.</summary>
    public void Clear() => WrittenCount = 0;

    /// <summary>Declares the next <paramref name="count"/> bytes of the last span or memory as written.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative or more than there was room for.</exception>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_array.Length - WrittenCount), nameof(count));
        WrittenCount += count;
    }

    /// <summary>The free room behind what was written, at least <paramref name="sizeHint"/> bytes and never empty.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    /// <exception cref="InsufficientMemoryException">The buffer would become larger than an array can be.</exception>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(WrittenCount);
    }

    /// <inheritdoc cref="GetSpan"/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(WrittenCount);
    }

    /// <summary>Gives the array back to the pool. Further calls do nothing.</summary>
    public void Dispose()
    {
        _disposed = true;
        WrittenCount = 0;
        Release();
    }

    /// <summary>Forgets all but the last <paramref name="count"/> bytes, which move to the front.</summary>
    internal void KeepLast(int count)
    {
        WrittenSpan[^count..].CopyTo(_array);
        WrittenCount = count;
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_array.Length - WrittenCount < Math.Max(sizeHint, 1))
            Grow(Math.Max(sizeHint, 1));
    }

    private void Grow(int room)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var needed = (long)WrittenCount + room;
        if (needed > Array.MaxLength)
            throw new InsufficientMemoryException($"A buffer of {needed} bytes is larger than an array can be ({Array.MaxLength}).");
        var wanted = Math.Min(Math.Max(needed, Math.Max(2L * _array.Length, SmallestArray)), Array.MaxLength);
        var grown = Pool.Rent((int)wanted);
        WrittenSpan.CopyTo(grown);
        Release();
        _array = grown;
    }

    private void Release()
    {
        var array = _array;
        _array = [];
        if (array.Length > 0)
            Pool.Return(array);
    }
}
