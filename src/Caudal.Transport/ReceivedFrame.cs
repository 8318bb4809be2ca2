using System.Buffers;

namespace Caudal.Transport;

/// <summary>
/// A received frame in pooled memory, shared by counting: whoever keeps a slice of it calls <see cref="AddReference"/> and disposes once
/// more.
/// </summary>
/// <remarks>Thread safe. After the last <see cref="Dispose"/> the memory belongs to somebody else.</remarks>
public sealed class ReceivedFrame : IDisposable
{
    // A pool of our own: frames are rented on the receiving thread and returned on another, which makes the per-thread caches of
    // ArrayPool.Shared grow without bound.
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(64 * 1024 * 1024, 16);

    private readonly byte[] _bytes;
    private readonly int _length;
    private int _references = 1;

    private ReceivedFrame(byte[] bytes, int length)
    {
        _bytes = bytes;
        _length = length;
    }

    /// <summary>The frame without its size.</summary>
    /// <exception cref="ObjectDisposedException">The last reference is gone.</exception>
    public ReadOnlyMemory<byte> Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _references) <= 0, this);
            return _bytes.AsMemory(0, _length);
        }
    }

    /// <summary>Rents memory for a frame of the given size, to be filled through <see cref="Writable"/>.</summary>
    public static ReceivedFrame Rent(int length) => new(Pool.Rent(Math.Max(length, 1)), length);

    /// <summary>The frame's bytes, for whoever fills or patches them before anybody else sees them.</summary>
    public Memory<byte> Writable => _bytes.AsMemory(0, _length);

    /// <summary>Keeps the memory until one more <see cref="Dispose"/>.</summary>
    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>Gives one reference back; the last one returns the memory to the pool.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Pool.Return(_bytes);
    }
}
