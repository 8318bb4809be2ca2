namespace Caudal.Storage.Segments;

/// <summary>
/// A segment in memory: chunks that are never overwritten, so that readers get slices and the garbage collector ends their life.
/// </summary>
internal sealed class MemoryData : SegmentData
{
    private const int SmallestChunk = 4 << 10;
    private const int LargestChunk = 1 << 20;

    // Guarded by the log's writer lock; readers see the array first and each chunk's length next.
    private Chunk[] _chunks = [];
    private int _count;
    private int _size;

    internal override int Size => Volatile.Read(ref _size);

    internal override void Append(ReadOnlySpan<byte> batches)
    {
        var last = _count == 0 ? null : _chunks[_count - 1];
        if (last is null || last.Bytes.Length - last.Length < batches.Length)
            last = AddChunk(batches.Length);
        batches.CopyTo(last.Bytes.AsSpan(last.Length));
        last.Length += batches.Length;
        Volatile.Write(ref _size, _size + batches.Length);
    }

    internal override ReadOnlyMemory<byte> Look(int position, int wanted, out IDisposable? owner)
    {
        owner = null;
        var count = Volatile.Read(ref _count);
        var chunks = Volatile.Read(ref _chunks);
        var low = 0;
        var high = count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (chunks[middle].Start <= position)
                low = middle;
            else
                high = middle - 1;
        }

        var chunk = chunks[low];
        var start = position - chunk.Start;
        return chunk.Bytes.AsMemory(start, chunk.Length - start);
    }

    public override void Dispose()
    {
        // Readers may hold slices; the collector takes the chunks when the last of them is gone.
    }

    private Chunk AddChunk(int needed)
    {
        var size = Math.Max(needed, Math.Clamp(_size, SmallestChunk, LargestChunk));
        var chunk = new Chunk(_size, GC.AllocateUninitializedArray<byte>(size));
        if (_count == _chunks.Length)
        {
            var grown = new Chunk[Math.Max(4, _count * 2)];
            _chunks.CopyTo(grown, 0);
            Volatile.Write(ref _chunks, grown);
        }

        _chunks[_count] = chunk;
        Volatile.Write(ref _count, _count + 1);
        return chunk;
    }

    private sealed class Chunk(int start, byte[] bytes)
    {
        private int _length;

        internal int Start { get; } = start;

        internal byte[] Bytes { get; } = bytes;

        internal int Length
        {
            get => Volatile.Read(ref _length);
            set => Volatile.Write(ref _length, value);
        }
    }
}
