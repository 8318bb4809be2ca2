namespace Caudal.Storage.Files;

/// <summary>The last bytes of a log in memory: consumers that keep up never touch the file.</summary>
/// <remarks>One writer under the log's lock; readers take the array of chunks as it is.</remarks>
internal sealed class TailCache(int maxBytes)
{
    private const int SmallestChunk = 8 << 10;
    private const int LargestChunk = 256 << 10;

    private TailChunk[] _chunks = [];
    private int _capacity;

    internal void Append(FileData data, int position, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > maxBytes)
        {
            // The chain of positions would have a gap: readers of the gap go to the file.
            return;
        }

        var last = _chunks is [.., var newest] ? newest : null;
        if (last is null || last.Data != data || last.Start + last.Length != position || last.Capacity - last.Length < bytes.Length)
            last = AddChunk(data, position, bytes.Length);
        last.Append(bytes);
    }

    internal bool TryLook(FileData data, int position, out ReadOnlyMemory<byte> bytes, out IDisposable? owner)
    {
        var chunks = Volatile.Read(ref _chunks);
        for (var i = chunks.Length - 1; i >= 0; i--)
        {
            var chunk = chunks[i];
            if (chunk.Data == data && chunk.Start <= position && position < chunk.Start + chunk.Length)
                return chunk.TryLook(position, out bytes, out owner);
        }

        bytes = default;
        owner = null;
        return false;
    }

    internal void Clear()
    {
        var chunks = _chunks;
        Volatile.Write(ref _chunks, []);
        _capacity = 0;
        foreach (var chunk in chunks)
            chunk.Release();
    }

    private TailChunk AddChunk(FileData data, int position, int needed)
    {
        var largest = Math.Clamp(maxBytes / 4, SmallestChunk, LargestChunk);
        var chunk = new TailChunk(data, position, Math.Max(needed, Math.Clamp(_capacity, SmallestChunk, largest)));
        _capacity += chunk.Capacity;
        var first = 0;
        while (first < _chunks.Length && _capacity > maxBytes)
            _capacity -= _chunks[first++].Capacity;
        var old = _chunks;
        Volatile.Write(ref _chunks, [.. old.AsSpan(first), chunk]);
        foreach (var given in old.AsSpan(0, first))
            given.Release();
        return chunk;
    }
}
