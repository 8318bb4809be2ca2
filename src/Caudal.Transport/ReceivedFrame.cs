using System.Buffers;

namespace Caudal.Transport;

/// <summary>
/// A received frame in pooled memory, shared by counting: whoever keeps a slice of it calls <see cref="AddReference"/> and disposes once
/// more.
/// </summary>
/// <remarks>Thread safe. After the last <see cref="Dispose"/> the memory belongs to somebody else.</remarks>
public sealed class ReceivedFrame : IDisposable
{
    private const int SmallestLarge = 1024 * 1024;

    // Pools of our own: frames are rented on the receiving thread and returned on another, which makes the per-thread caches of
    // ArrayPool.Shared grow without bound. They keep what they were given back, so few of the large arrays: 32 MiB and 240 MiB at most.
    private static readonly ArrayPool<byte> Small = ArrayPool<byte>.Create(SmallestLarge, 16);
    private static readonly ArrayPool<byte> Large = ArrayPool<byte>.Create(64 * 1024 * 1024, 2);

    private readonly byte[] _bytes;
    private readonly int _length;
    private FrameMemory? _memory;
    private int _reserved;
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
    public static ReceivedFrame Rent(int length) => new(PoolOf(length).Rent(Math.Max(length, 1)), length);

    /// <summary>The frame's bytes, for whoever fills or patches them before anybody else sees them.</summary>
    public Memory<byte> Writable => _bytes.AsMemory(0, _length);

    /// <summary>Keeps the memory until one more <see cref="Dispose"/>.</summary>
    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>Gives one reference back; the last one returns the memory to the pool.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        PoolOf(_bytes.Length).Return(_bytes);
        _memory?.Release(_reserved);
    }

    /// <summary>A longer frame that begins with the bytes of this one, which is given back.</summary>
    internal ReceivedFrame Extend(int length)
    {
        var longer = Rent(length);
        Writable.CopyTo(longer.Writable);
        Dispose();
        return longer;
    }

    /// <summary>Has the frame's memory taken off an account when it is given back.</summary>
    internal void ChargeTo(FrameMemory memory, int bytes) => (_memory, _reserved) = (memory, bytes);

    private static ArrayPool<byte> PoolOf(int length) => length <= SmallestLarge ? Small : Large;
}
