using System.Buffers;
using System.Buffers.Binary;
using Snappier;

namespace Caudal.Compression;

/// <summary>
/// Snappy as Kafka's Java clients frame it (the stream format of snappy-java): a header of 16 bytes, then blocks of at most 32 KiB before
/// compression, each behind its length as a big-endian int32. Reads blocks of any size, headers between blocks (concatenated streams), and
/// data without the header, which is one bare snappy block (librdkafka writes it).
/// </summary>
internal static class SnappyCodec
{
    private const int BlockSize = 32 << 10;
    private const int MagicSize = 8;

    // Three bytes of a block (a copy with a two-byte offset) become at most 64.
    private const int MaxExpansion = 22;

    // 0x82 "SNAPPY" 0, then the version of the format and the oldest version whose readers understand it, both 1.
    private static ReadOnlySpan<byte> Header =>
        [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        destination.Write(Header);
        while (!source.IsEmpty)
        {
            var block = source[..Math.Min(BlockSize, source.Length)];
            source = source[block.Length..];
            var target = destination.GetSpan(sizeof(int) + Snappy.GetMaxCompressedLength(block.Length));
            var length = Snappy.Compress(block, target[sizeof(int)..]);
            BinaryPrimitives.WriteInt32BigEndian(target, length);
            destination.Advance(sizeof(int) + length);
        }
    }

    public static void Decompress(ref CompressedInput input, ref LimitedOutput output)
    {
        if (!input.Source.StartsWith(Header[..MagicSize]))
        {
            DecompressBlock(ref input, input.Remaining, ref output);
            return;
        }

        while (input.Remaining > 0)
        {
            if (input.Rest.StartsWith(Header[..MagicSize]))
            {
                input.Take(Header.Length, "the header");
                continue;
            }

            var length = input.TakeInt32BigEndian("the length of a block");
            if (length <= 0)
                throw input.Fault($"a block states a length of {length}", input.Position - sizeof(int));
            DecompressBlock(ref input, length, ref output);
        }
    }

    private static void DecompressBlock(ref CompressedInput input, int length, ref LimitedOutput output)
    {
        var position = input.Position;
        var block = input.Take(length, "a block");
        try
        {
            var size = Snappy.GetUncompressedLength(block);
            if (size < 0 || size > (long)MaxExpansion * length)
                throw input.Fault($"a block of {length} bytes states {(uint)size} bytes of content, more than it can hold", position);
            if (size > output.Remaining)
                throw output.TooLarge(position);
            var written = Snappy.Decompress(block, output.GetSpan(size));
            if (written != size)
                throw input.Fault($"a block states {size} bytes of content and holds {written}", position);
            output.Advance(size, position);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or IndexOutOfRangeException)
        {
            throw input.Fault($"a block is corrupt ({e.Message.TrimEnd('.')})", position, e);
        }
    }
}
