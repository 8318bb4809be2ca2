using System.Buffers;

namespace Caudal.Compression;

/// <summary>The destination of a decompression together with what may still come out.</summary>
internal ref struct LimitedOutput(CompressionType type, IBufferWriter<byte> destination, int maxSize)
{
    private int _produced;

    /// <summary>How many more bytes may come out.</summary>
    public readonly int Remaining => maxSize - _produced;

    /// <summary>A span of exactly <paramref name="size"/> bytes.</summary>
    public readonly Span<byte> GetSpan(int size) => destination.GetSpan(Math.Max(size, 1))[..size];

    /// <summary>Appends what was written to the last span.</summary>
    /// <param name="count">How many bytes.</param>
    /// <param name="position">Where in the compressed data they come from.</param>
    public void Advance(int count, int position)
    {
        if (count > Remaining)
            throw TooLarge(position);
        destination.Advance(count);
        _produced += count;
    }

    /// <summary>Appends <paramref name="data"/>.</summary>
    public void Write(scoped ReadOnlySpan<byte> data, int position)
    {
        if (data.Length > Remaining)
            throw TooLarge(position);
        destination.Write(data);
        _produced += data.Length;
    }

    /// <summary>The error for data that goes over the limit, to be thrown.</summary>
    public readonly CompressionException TooLarge(int position) =>
        new(type, position, $"more than the allowed {maxSize} bytes would come out");
}
