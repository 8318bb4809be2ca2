namespace Caudal.Compression;

/// <summary>Compressed data is corrupt, cut off, in a format that is not read, or holds more than the reader allows.</summary>
public sealed class CompressionException : IOException
{
    internal CompressionException(CompressionType type, long position, string problem, Exception? cause = null)
        : base($"{CompressionTypes.Name(type)} data cannot be read at byte {position}: {problem}.", cause)
    {
        Type = type;
        Position = position;
    }

    /// <summary>The codec that refused the data.</summary>
    public CompressionType Type { get; }

    /// <summary>
    /// Where in the compressed data the fault lies, in bytes from its start. Inside what a library decodes it is the start of that piece:
    /// with zstd the frame, with gzip the member's content, with snappy and lz4 the block.
    /// </summary>
    public long Position { get; }
}
