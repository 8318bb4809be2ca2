using System.Buffers;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Caudal.Compression;

/// <summary>
/// Zstandard (RFC 8878). Reads any number of frames, with or without content size and checksum, and skippable frames. Each frame is decoded
/// in one piece straight into the destination, so there is no window to allocate, whatever size of it a frame asks for. How much memory to
/// ask for is found by walking the headers of the blocks; a stated content size can only lower it.
/// </summary>
internal static class ZstdCodec
{
    private const uint Magic = 0xFD2FB528;
    private const uint SkippableMagic = 0x184D2A50;
    private const uint SkippableMask = 0xFFFFFFF0;
    private const int MaxBlockSize = 128 << 10;

    private static readonly ContextPool<Compressor> Compressors = new(() => new Compressor());
    private static readonly ContextPool<Decompressor> Decompressors = new(() => new Decompressor());

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, int level)
    {
        var compressor = Compressors.Rent();
        try
        {
            if (compressor.Level != level)
                compressor.Level = level;
            var target = destination.GetSpan(Compressor.GetCompressBound(source.Length));
            destination.Advance(compressor.Wrap(source, target));
        }
        finally
        {
            Compressors.Return(compressor);
        }
    }

    public static void Decompress(ref CompressedInput input, ref LimitedOutput output)
    {
        while (input.Remaining > 0)
        {
            var start = input.Position;
            var magic = input.TakeUInt32("the magic number of a frame");
            if ((magic & SkippableMask) == SkippableMagic)
            {
                input.Take(input.TakeUInt32("the size of a skippable frame"), "a skippable frame");
                continue;
            }

            if (magic != Magic)
                throw input.Fault($"no frame starts with 0x{magic:X8}", start);
            var bound = SkipFrame(ref input);
            DecompressFrame(ref input, start, bound, ref output);
        }
    }

    private static void DecompressFrame(ref CompressedInput input, int start, long bound, ref LimitedOutput output)
    {
        var frame = input.Source[start..input.Position];
        var room = (int)Math.Min(bound, output.Remaining);
        var decompressor = Decompressors.Rent();
        try
        {
            var written = decompressor.Unwrap(frame, output.GetSpan(room));
            output.Advance(written, start);
        }
        catch (ZstdException e) when (e.Code == ZSTD_ErrorCode.ZSTD_error_dstSize_tooSmall && room < bound)
        {
            throw output.TooLarge(start);
        }
        catch (ZstdException e)
        {
            throw input.Fault($"a frame of {frame.Length} bytes is corrupt ({e.Message})", start, e);
        }
        finally
        {
            Decompressors.Return(decompressor);
        }
    }

    /// <summary>Moves behind the frame whose magic number was read.</summary>
    /// <returns>The most bytes that can come out of it.</returns>
    private static long SkipFrame(ref CompressedInput input)
    {
        var descriptor = input.TakeByte("the descriptor of a frame");
        var singleSegment = (descriptor & 0x20) != 0;
        var hasChecksum = (descriptor & 0x04) != 0;
        var window = singleSegment ? ulong.MaxValue : WindowSize(input.TakeByte("the window descriptor of a frame"));
        input.Take((descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 }, "the dictionary id of a frame");
        var contentSize = TakeContentSize(ref input, descriptor >> 6, singleSegment);
        var blockSize = (long)Math.Min(Math.Min(window, contentSize), MaxBlockSize);

        var bound = 0L;
        for (var last = false; !last;)
        {
            var bytes = input.Take(3, "the header of a block");
            var header = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
            last = (header & 1) != 0;
            var size = header >> 3;
            switch ((header >> 1) & 3)
            {
                case 0:
                    input.Take(size, "an uncompressed block");
                    bound += size;
                    break;
                case 1:
                    input.Take(1, "a block of one repeated byte");
                    bound += size;
                    break;
                case 2:
                    input.Take(size, "a compressed block");
                    bound += blockSize;
                    break;
                default:
                    throw input.Fault("a block is of the reserved type 3", input.Position - 3);
            }
        }

        if (hasChecksum)
            input.Take(4, "the checksum of a frame");
        return (long)Math.Min((ulong)bound, contentSize);
    }

    private static ulong WindowSize(byte descriptor)
    {
        var size = 1UL << (10 + (descriptor >> 3));
        return size + (size / 8 * (ulong)(descriptor & 7));
    }

    /// <returns>The content size that the frame states, or the highest number there is.</returns>
    private static ulong TakeContentSize(ref CompressedInput input, int flag, bool singleSegment)
    {
        const string What = "the content size of a frame";
        return flag switch
        {
            0 => singleSegment ? input.TakeByte(What) : ulong.MaxValue,
            1 => 256UL + input.TakeByte(What) + ((ulong)input.TakeByte(What) << 8),
            2 => input.TakeUInt32(What),
            _ => input.TakeUInt32(What) | ((ulong)input.TakeUInt32(What) << 32),
        };
    }
}
