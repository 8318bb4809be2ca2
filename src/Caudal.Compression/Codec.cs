using System.Buffers;

namespace Caudal.Compression;

/// <summary>
/// Compresses and decompresses the payload of record batches in exactly the formats that Kafka's Java clients write and read.
/// All members are thread safe; contexts are pooled.
/// </summary>
public static class Codec
{
    /// <summary>Compresses <paramref name="source"/> and appends the result to <paramref name="destination"/>.</summary>
    /// <param name="type">The codec.</param>
    /// <param name="source">What to compress; may be empty.</param>
    /// <param name="destination">Where the compressed data goes. Buffers are asked for block by block (zstd: all at once).</param>
    /// <param name="level">
    /// A level within <see cref="CompressionTypes.LevelRange"/>, or null for the codec's default. Codecs without levels ignore it.
    /// lz4: the default 9 is the fast compressor, as in Kafka, and so are 1 and 2; other levels are those of the high compressor, up to 12.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The codec does not exist or does not have the level.</exception>
    public static void Compress(CompressionType type, ReadOnlySpan<byte> source, IBufferWriter<byte> destination, int? level = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var (min, max, preset) = CompressionTypes.LevelRange(type);
        var chosen = level ?? preset;
        if (min != max && chosen != preset && (chosen < min || chosen > max))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level,
                $"{CompressionTypes.Name(type)} has levels from {min} to {max} (default {preset}).");
        }

        switch (type)
        {
            case CompressionType.None:
                destination.Write(source);
                break;
            case CompressionType.Gzip:
                GzipCodec.Compress(source, destination, chosen);
                break;
            case CompressionType.Snappy:
                SnappyCodec.Compress(source, destination);
                break;
            case CompressionType.Lz4:
                Lz4Codec.Compress(source, destination, chosen);
                break;
            case CompressionType.Zstd:
                ZstdCodec.Compress(source, destination, chosen);
                break;
            default:
                throw CompressionTypes.Unknown(type);
        }
    }

    /// <summary>
    /// Decompresses <paramref name="source"/> and appends the result to <paramref name="destination"/>. Safe on hostile input: sizes that
    /// the data states are checked before memory is asked for, which never exceeds <paramref name="maxSize"/> by more than a block (4 MiB).
    /// </summary>
    /// <param name="type">The codec.</param>
    /// <param name="source">The whole of the compressed data; several members or frames after each other are read as one.</param>
    /// <param name="destination">Where the data goes. After an exception it may hold a part: throw it away.</param>
    /// <param name="maxSize">The most that may come out, in bytes; not negative.</param>
    /// <exception cref="CompressionException">
    /// The data is corrupt or cut off, or more than <paramref name="maxSize"/> bytes would come out.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The codec does not exist, or <paramref name="maxSize"/> is negative.</exception>
    public static void Decompress(CompressionType type, ReadOnlySpan<byte> source, IBufferWriter<byte> destination, int maxSize)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(maxSize);
        var input = new CompressedInput(type, source);
        var output = new LimitedOutput(type, destination, maxSize);
        if (source.IsEmpty && type is not CompressionType.None and <= CompressionType.Zstd)
        {
            throw input.Fault("there is no data at all");
        }

        switch (type)
        {
            case CompressionType.None:
                output.Write(source, 0);
                break;
            case CompressionType.Gzip:
                GzipCodec.Decompress(ref input, ref output);
                break;
            case CompressionType.Snappy:
                SnappyCodec.Decompress(ref input, ref output);
                break;
            case CompressionType.Lz4:
                Lz4Codec.Decompress(ref input, ref output);
                break;
            case CompressionType.Zstd:
                ZstdCodec.Decompress(ref input, ref output);
                break;
            default:
                throw CompressionTypes.Unknown(type);
        }
    }
}
