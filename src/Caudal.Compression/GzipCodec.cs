using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Caudal.Compression;

/// <summary>
/// Gzip (RFC 1952), any number of members. The framework's own gzip reader takes data that is cut off for complete and ignores what follows
/// the last member, so header and trailer are read here and only the deflated body is left to it.
/// </summary>
internal static class GzipCodec
{
    private const int HeaderCrcFlag = 0x02;
    private const int ExtraFlag = 0x04;
    private const int NameFlag = 0x08;
    private const int CommentFlag = 0x10;
    private const int ReservedFlags = 0xE0;
    private const int TrailerSize = 8;
    private const byte FirstByte = 0x1F;

    // The shortest deflated content is a block header of three bits and an end of seven.
    private const int SmallestContent = 2;
    private const int DefaultLevel = 6;

    // A length and a distance, of one bit each, stand for 258 bytes at most.
    private const int MaxExpansion = 1032;
    private const int FirstRead = 512;
    private const int LargestRead = 1 << 20;

    private static readonly ZLibCompressionOptions[] Options =
        [.. Enumerable.Range(0, 10).Select(level => new ZLibCompressionOptions { CompressionLevel = level })];
    private static readonly ContextPool<BufferWriterStream> Sinks = new(() => new BufferWriterStream());
    private static readonly ContextPool<PinnedSpanStream> Feeds = new(() => new PinnedSpanStream());
    private static readonly ContextPool<Crc32> Checksums = new(() => new Crc32());

    // The framework writes nothing at all for nothing; Java expects a member.
    private static ReadOnlySpan<byte> EmptyMember => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination, int level)
    {
        if (source.IsEmpty)
        {
            destination.Write(EmptyMember);
            return;
        }

        var sink = Sinks.Rent();
        sink.Destination = destination;
        try
        {
            using var gzip = new GZipStream(sink, Options[level < 0 ? DefaultLevel : level], leaveOpen: true);
            gzip.Write(source);
        }
        finally
        {
            sink.Destination = null;
            Sinks.Return(sink);
        }
    }

    public static unsafe void Decompress(ref CompressedInput input, ref LimitedOutput output)
    {
        var feed = Feeds.Rent();
        var checksum = Checksums.Rent();
        try
        {
            fixed (byte* start = input.Source)
            {
                while (input.Remaining > 0)
                {
                    SkipHeader(ref input);
                    feed.Open(start, input.Source.Length, input.Position);
                    var size = Inflate(feed, ref input, ref output, checksum);
                    SkipTrailer(ref input, feed, checksum.GetCurrentHashAsUInt32(), size);
                }
            }
        }
        finally
        {
            feed.Close();
            Feeds.Return(feed);
            Checksums.Return(checksum);
        }
    }

    private static void SkipHeader(ref CompressedInput input)
    {
        var start = input.Position;
        var header = input.Take(10, "the header of a member");
        if (header[0] != FirstByte || header[1] != 0x8B)
            throw input.Fault($"no member starts with 0x{header[0]:X2}{header[1]:X2}", start);
        if (header[2] != 8)
            throw input.Fault($"the compression method is {header[2]}, only 8 (deflate) is known", start + 2);
        var flags = header[3];
        if ((flags & ReservedFlags) != 0)
            throw input.Fault("reserved flags are set", start + 3);
        if ((flags & ExtraFlag) != 0)
            input.Take(BinaryPrimitives.ReadUInt16LittleEndian(input.Take(2, "the size of the extra field")), "the extra field");
        if ((flags & NameFlag) != 0)
            SkipText(ref input, "the file name");
        if ((flags & CommentFlag) != 0)
            SkipText(ref input, "the comment");
        if ((flags & HeaderCrcFlag) == 0)
            return;
        var actual = (ushort)Crc32.HashToUInt32(input.Source[start..input.Position]);
        var stated = BinaryPrimitives.ReadUInt16LittleEndian(input.Take(2, "the checksum of the header"));
        if (stated != actual)
            throw input.Fault($"the checksum of the header is 0x{stated:X4} and should be 0x{actual:X4}", input.Position - 2);
    }

    private static void SkipText(ref CompressedInput input, string what)
    {
        var length = input.Rest.IndexOf((byte)0);
        if (length < 0)
            throw input.Fault($"{what} has no end");
        input.Take(length + 1, what);
    }

    private static uint Inflate(PinnedSpanStream feed, ref CompressedInput input, ref LimitedOutput output, Crc32 checksum)
    {
        checksum.Reset();
        var size = 0;

        // The last member states its size (modulo 2^32) at the very end: a hint for the first span, as far as the input can hold so much.
        var stated = input.Remaining < TrailerSize ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(input.Source[^4..]);
        var read = (int)Math.Clamp(Math.Min(stated + 1L, (long)MaxExpansion * input.Remaining), FirstRead, LargestRead);
        using var deflate = new DeflateStream(feed, CompressionMode.Decompress, leaveOpen: true);
        while (true)
        {
            // One byte more than allowed, so that too much shows.
            var target = output.GetSpan((int)Math.Min(read, output.Remaining + 1L));
            int count;
            try
            {
                count = deflate.Read(target);
            }
            catch (InvalidDataException e)
            {
                throw input.Fault($"the deflated content is corrupt ({e.Message.TrimEnd('.')})", input.Position, e);
            }

            if (count == 0)
                return (uint)size;
            checksum.Append(target[..count]);
            output.Advance(count, feed.Offset);
            size += count;
            read = Math.Clamp(size, FirstRead, LargestRead);
        }
    }

    /// <summary>
    /// Moves behind the trailer. The inflater reads ahead and does not tell where the deflated content ended, but it must be within what
    /// was handed to it last: there the trailer's eight bytes, which are known by now, have to be, before the end or another member.
    /// </summary>
    private static void SkipTrailer(ref CompressedInput input, PinnedSpanStream feed, uint checksum, uint size)
    {
        Span<byte> trailer = stackalloc byte[TrailerSize];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], size);
        var end = Math.Min(input.Source.Length, feed.Offset + TrailerSize);
        var from = Math.Min(end, Math.Max(input.Position + SmallestContent, feed.PreviousOffset));
        while (input.Source[from..end].IndexOf(trailer) is var index and >= 0)
        {
            var next = input.Source[(from + index + TrailerSize)..];
            if (next.IsEmpty || next[0] == FirstByte)
            {
                input.Take(input.Remaining - next.Length, "the trailer of a member");
                return;
            }

            from += index + 1;
        }

        throw input.Fault(
            $"the content that starts here is cut off, or its {size} bytes (checksum 0x{checksum:X8}) are not those that were compressed");
    }
}
