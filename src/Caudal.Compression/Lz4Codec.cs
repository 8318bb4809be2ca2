using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using K4os.Compression.LZ4;

namespace Caudal.Compression;

/// <summary>
/// The LZ4 frame format 1.6. Writes the frame of Kafka's Java clients: independent blocks of 64 KiB, no checksum but the header's, no
/// content size. Reads every frame without a dictionary: independent and linked blocks, all block sizes, block and content checksums
/// (checked), content size (checked), skippable frames, and several frames after each other.
/// </summary>
internal static class Lz4Codec
{
    private const uint Magic = 0x184D2204;
    private const uint SkippableMagic = 0x184D2A50;
    private const uint SkippableMask = 0xFFFFFFF0;
    private const uint Uncompressed = 0x80000000;
    private const int BlockSize = 64 << 10;
    private const int HistorySize = 64 << 10;
    private const int KeptHistory = 1 << 20;

    // A sequence adds at most 255 bytes for each of its bytes; short matches a little on top.
    private const int MaxExpansion = 255;
    private const int ExpansionSlack = 64;

    private static readonly ContextPool<XxHash32> Hashes = new(() => new XxHash32());

    // Magic, version 1 with independent blocks, blocks of 64 KiB, header checksum.
    private static ReadOnlySpan<byte> Header => [0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82];

    private static ReadOnlySpan<byte> EndMark => [0, 0, 0, 0];

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, int level)
    {
        destination.Write(Header);
        while (!source.IsEmpty)
        {
            var block = source[..Math.Min(BlockSize, source.Length)];
            source = source[block.Length..];
            var target = destination.GetSpan(sizeof(uint) + LZ4Codec.MaximumOutputSize(block.Length));
            var length = LZ4Codec.Encode(block, target[sizeof(uint)..], Level(level));
            var word = (uint)length;
            if (length <= 0 || length >= block.Length)
            {
                block.CopyTo(target[sizeof(uint)..]);
                length = block.Length;
                word = (uint)length | Uncompressed;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(target, word);
            destination.Advance(sizeof(uint) + length);
        }

        destination.Write(EndMark);
    }

    public static void Decompress(ref CompressedInput input, ref LimitedOutput output)
    {
        while (input.Remaining > 0)
        {
            var magic = input.TakeUInt32("the magic number of a frame");
            if ((magic & SkippableMask) == SkippableMagic)
            {
                input.Take(input.TakeUInt32("the size of a skippable frame"), "a skippable frame");
                continue;
            }

            if (magic != Magic)
                throw input.Fault($"no frame starts with 0x{magic:X8}", input.Position - sizeof(uint));
            var frame = TakeHeader(ref input);
            var hash = frame.HasContentChecksum ? Hashes.Rent() : null;
            try
            {
                hash?.Reset();
                DecompressBlocks(ref input, ref output, frame, hash);
            }
            finally
            {
                if (hash is not null)
                    Hashes.Return(hash);
            }
        }
    }

    // 9 is Kafka's default level, with which its Java clients use the fast compressor.
    private static LZ4Level Level(int level) => level is 9 or < 3 ? LZ4Level.L00_FAST : (LZ4Level)Math.Min(level, (int)LZ4Level.L12_MAX);

    private static Frame TakeHeader(ref CompressedInput input)
    {
        var start = input.Position;
        var flags = input.TakeByte("the flags of a frame");
        var descriptor = input.TakeByte("the block descriptor of a frame");
        if (flags >> 6 != 1)
            throw input.Fault($"a frame is of version {flags >> 6}, only 1 is known", start);
        if ((flags & 0x01) != 0)
            throw input.Fault("a frame needs a dictionary", start);
        if ((flags & 0x02) != 0 || (descriptor & 0x8F) != 0)
            throw input.Fault("reserved bits of a frame's header are set", start);
        if (descriptor >> 4 < 4)
            throw input.Fault($"a frame's block size is the unknown {descriptor >> 4}", start + 1);
        ulong? contentSize = null;
        if ((flags & 0x08) != 0)
            contentSize = BinaryPrimitives.ReadUInt64LittleEndian(input.Take(8, "the content size of a frame"));
        var expected = (byte)(XxHash32.HashToUInt32(input.Source[start..input.Position]) >> 8);
        var stated = input.TakeByte("the checksum of a frame's header");
        if (stated != expected && stated != ChecksumOfOldKafka(ref input, start))
            throw input.Fault($"the checksum of a frame's header is 0x{stated:X2} and should be 0x{expected:X2}", input.Position - 1);
        return new Frame((flags & 0x20) == 0, (flags & 0x10) != 0, (flags & 0x04) != 0, 1 << (8 + (2 * (descriptor >> 4))), contentSize);
    }

    // Record format 0: Kafka's clients up to 0.9 took the magic number into the checksum (KAFKA-3160), and all of that time did so.
    private static byte ChecksumOfOldKafka(ref CompressedInput input, int start) =>
        (byte)(XxHash32.HashToUInt32(input.Source[(start - sizeof(uint))..(input.Position - 1)]) >> 8);

    private static void DecompressBlocks(ref CompressedInput input, ref LimitedOutput output, in Frame frame, XxHash32? hash)
    {
        var start = input.Position;
        var size = 0UL;

        // Linked blocks refer back to the 64 KiB before them, which a destination does not show again: they are kept here as well.
        using var history = frame.IsLinked ? new PooledBuffer() : null;
        while (input.TakeUInt32("the size of a block") is var word and not 0)
        {
            var position = input.Position;
            var block = input.Take(word & ~Uncompressed, "a block");
            if (block.Length > frame.BlockSize)
                throw input.Fault($"a block of {block.Length} bytes is larger than the frame's {frame.BlockSize}", position);
            if (frame.HasBlockChecksums)
                Check(ref input, XxHash32.HashToUInt32(block), "a block");

            var content = (word & Uncompressed) != 0 ? block : Decode(ref input, ref output, block, position, frame, history);
            hash?.Append(content);
            Remember(history, content);
            if ((word & Uncompressed) != 0)
                output.Write(content, position);
            else
                output.Advance(content.Length, position);
            size += (ulong)content.Length;
        }

        if (hash is not null)
            Check(ref input, hash.GetCurrentHashAsUInt32(), "the content of a frame");
        if (frame.ContentSize is { } stated && stated != size)
            throw input.Fault($"a frame states {stated} bytes of content and holds {size}", start);
    }

    private static ReadOnlySpan<byte> Decode(
        ref CompressedInput input, ref LimitedOutput output, ReadOnlySpan<byte> block, int position, in Frame frame, PooledBuffer? history)
    {
        var target = output.GetSpan((int)Math.Min(frame.BlockSize, ((long)MaxExpansion * block.Length) + ExpansionSlack));
        var dictionary = history is null ? default : history.WrittenSpan[^Math.Min(HistorySize, history.WrittenCount)..];
        var written = LZ4Codec.Decode(block, target, dictionary);
        if (written < 0)
            throw input.Fault($"a block of {block.Length} bytes is corrupt", position);
        return target[..written];
    }

    private static void Remember(PooledBuffer? history, ReadOnlySpan<byte> content)
    {
        if (history is null)
            return;
        if (history.WrittenCount > KeptHistory)
            history.KeepLast(HistorySize);
        history.Write(content);
    }

    private static void Check(ref CompressedInput input, uint actual, string what)
    {
        var stated = input.TakeUInt32("a checksum");
        if (stated != actual)
            throw input.Fault($"the checksum of {what} is 0x{stated:X8} and should be 0x{actual:X8}", input.Position - sizeof(uint));
    }

    /// <summary>What the header of a frame says.</summary>
    private readonly record struct Frame(bool IsLinked, bool HasBlockChecksums, bool HasContentChecksum, int BlockSize, ulong? ContentSize);
}
