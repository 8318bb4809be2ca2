using System.Buffers;

namespace Caudal.Storage.Files;

/// <summary>
/// A copy of bytes at the end of a segment's file. Counted references: the array returns to its pool when the last reader is done.
/// </summary>
internal sealed class TailChunk
{
    // Of our own, not the shared one: a stray second return elsewhere would corrupt what consumers read.
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(maxArrayLength: 1 << 20, maxArraysPerBucket: 64);

    private readonly byte[] _bytes;
    private int _length;
    private int _references = 1;

    internal TailChunk(FileData data, int start, int capacity)
    {
        Data = data;
        Start = start;
        _bytes = Pool.Rent(capacity);
    }

    internal FileData Data { get; }

    /// <summary>The position of the first byte in the file.</summary>
    internal int Start { get; }

    internal int Length => Volatile.Read(ref _length);

    internal int Capacity => _bytes.Length;

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(_length));
        Volatile.Write(ref _length, _length + bytes.Length);
    }

    /// <summary>Takes a reference for a reader.</summary>
    /// <returns>False if the chunk was given up meanwhile.</returns>
    internal bool TryLook(int position, out ReadOnlyMemory<byte> bytes, out IDisposable? owner)
    {
        bytes = default;
        owner = null;
        var references = Volatile.Read(ref _references);
        while (true)
        {
            if (references == 0)
                return false;
            var seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
                break;
            references = seen;
        }

        owner = new Lease(this);
        bytes = _bytes.AsMemory(position - Start, Length - (position - Start));
        return true;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Pool.Return(_bytes);
    }

    private sealed class Lease(TailChunk chunk) : IDisposable
    {
        private TailChunk? _chunk = chunk;

        public void Dispose() => Interlocked.Exchange(ref _chunk, null)?.Release();
    }
}
