using System.Buffers;
using System.Buffers.Binary;

namespace Caudal.Protocol;

/// <summary>A frame under construction: pooled bytes of its own, and record batches that it only refers to.</summary>
/// <remarks>
/// Large record batches are not copied: <see cref="KafkaWriter.WriteRecords"/> links them in, and <see cref="GetSegments"/> lists
/// everything in order for the socket. Whoever gives the memory away keeps it unchanged until the frame is sent. Not thread safe. Dispose
/// returns the bytes to the pool.
/// </remarks>
public sealed class FrameBuffer : IDisposable
{
    /// <summary>Record batches of fewer bytes are copied into the frame: a segment of its own would cost more than the copy.</summary>
    public const int LinkThreshold = 2048;

    private const int SmallestLarge = 64 * 1024;

    // Pools of our own: frames are rented on one thread and returned on another, which makes the per-thread caches of ArrayPool.Shared
    // grow without bound. They keep what they were given back, so few of the large arrays: 8 MiB and 128 MiB at most.
    private static readonly ArrayPool<byte> Small = ArrayPool<byte>.Create(SmallestLarge, 64);
    private static readonly ArrayPool<byte> Large = ArrayPool<byte>.Create(16 * 1024 * 1024, 4);

    private readonly List<Link> _links = [];
    private byte[] _bytes;
    private int _linked;

    /// <summary>Rents room for the frame's own bytes; it grows on demand.</summary>
    /// <param name="capacity">The first size in bytes; at least what the frame's size takes is rented.</param>
    public FrameBuffer(int capacity = 512) => _bytes = Rent(Math.Max(capacity, 16));

    /// <summary>The number of bytes in the frame, linked batches and the size prefix included.</summary>
    /// <exception cref="OverflowException">Linked batches have made the frame longer than the protocol's two gigabytes.</exception>
    public int Length => checked(Written + _linked);

    internal int Written { get; set; }

    internal byte[] Bytes => _bytes;

    /// <summary>Reserves the four bytes of the frame's size. Call it first; <see cref="EndFrame"/> fills them.</summary>
    public void BeginFrame()
    {
        Clear();
        Written = 4;
    }

    /// <summary>Writes the frame's size into the bytes that <see cref="BeginFrame"/> reserved.</summary>
    public void EndFrame() => BinaryPrimitives.WriteInt32BigEndian(_bytes, Length - 4);

    /// <summary>Lists the frame's bytes in their order: its own, and the linked batches between them.</summary>
    public void GetSegments(List<ReadOnlyMemory<byte>> segments)
    {
        var start = 0;
        foreach (var link in _links)
        {
            if (link.Position > start)
                segments.Add(_bytes.AsMemory(start, link.Position - start));
            segments.Add(link.Memory);
            start = link.Position;
        }

        if (Written > start)
            segments.Add(_bytes.AsMemory(start, Written - start));
    }

    /// <summary>Copies the frame into one array: for tests and for peers in the same process.</summary>
    public byte[] ToArray()
    {
        var result = new byte[Length];
        CopyTo(result);
        return result;
    }

    /// <summary>Copies the frame to a span of at least <see cref="Length"/> bytes.</summary>
    public void CopyTo(Span<byte> destination) => CopyTo(destination, 0);

    /// <summary>Copies the frame without its four-byte size to a span of at least <see cref="Length"/> − 4 bytes.</summary>
    public void CopyBodyTo(Span<byte> destination) => CopyTo(destination, 4);

    /// <summary>Forgets everything that was written and keeps the room.</summary>
    public void Clear()
    {
        Written = 0;
        _linked = 0;
        _links.Clear();
    }

    /// <summary>Forgets everything that was written, and gives room back that an unusually large frame took.</summary>
    /// <param name="capacity">The room to keep, in bytes: exchanged for as much if there is more.</param>
    public void Reset(int capacity)
    {
        Clear();
        if (_bytes.Length < 2L * capacity)
            return;
        Return(_bytes);
        _bytes = Rent(capacity);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_bytes.Length == 0)
            return;
        Return(_bytes);
        _bytes = [];
        Clear();
    }

    private void CopyTo(Span<byte> destination, int start)
    {
        foreach (var link in _links)
        {
            _bytes.AsSpan(start, link.Position - start).CopyTo(destination);
            destination = destination[(link.Position - start)..];
            link.Memory.Span.CopyTo(destination);
            destination = destination[link.Memory.Length..];
            start = link.Position;
        }

        _bytes.AsSpan(start, Written - start).CopyTo(destination);
    }

    internal void Grow(int needed)
    {
        ObjectDisposedException.ThrowIf(_bytes.Length == 0, this);
        var larger = Rent((int)Math.Max(checked(Written + needed), Math.Min(2L * _bytes.Length, Array.MaxLength)));
        _bytes.AsSpan(0, Written).CopyTo(larger);
        Return(_bytes);
        _bytes = larger;
    }

    internal void LinkIn(ReadOnlyMemory<byte> memory)
    {
        _links.Add(new Link(Written, memory));
        _linked = checked(_linked + memory.Length);
    }

    private static byte[] Rent(int size) => (size <= SmallestLarge ? Small : Large).Rent(size);

    private static void Return(byte[] bytes) => (bytes.Length <= SmallestLarge ? Small : Large).Return(bytes);

    private readonly record struct Link(int Position, ReadOnlyMemory<byte> Memory);
}
