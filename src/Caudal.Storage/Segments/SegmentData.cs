namespace Caudal.Storage.Segments;

/// <summary>Where the bytes of a segment lie: memory or a file.</summary>
/// <remarks>One writer at a time, any number of readers.</remarks>
internal abstract class SegmentData : IDisposable
{
    /// <summary>The bytes that were appended and published.</summary>
    internal abstract int Size { get; }

    /// <summary>Appends whole batches.</summary>
    /// <exception cref="IOException">They could not be written; nothing was published.</exception>
    internal abstract void Append(ReadOnlySpan<byte> batches);

    /// <summary>Looks at bytes that were published.</summary>
    /// <param name="position">Where a batch starts, below <see cref="Size"/>.</param>
    /// <param name="wanted">
    /// How many bytes are wanted. There may be fewer, if they end with a whole batch or the segment does, and more.
    /// </param>
    /// <param name="owner">What to dispose when the bytes are no longer needed; null if nothing.</param>
    internal abstract ReadOnlyMemory<byte> Look(int position, int wanted, out IDisposable? owner);

    public abstract void Dispose();
}
