using System.IO.Compression;
using System.IO.Hashing;

namespace Caudal.Compression.Tests;

public sealed class GzipCodecTests
{
    [Fact]
    public void Other_readers_read_what_was_written()
    {
        var data = Payloads.Text(50_000);
        using var gzip = new GZipStream(new MemoryStream(Payloads.Compress(CompressionType.Gzip, data)), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        Assert.Equal(data, plain.ToArray());
    }

    [Fact]
    public void Nothing_is_a_whole_member()
    {
        var member = Payloads.Compress(CompressionType.Gzip, []);
        Assert.Equal([0x1F, 0x8B, 8], member[..3]);
        Assert.Empty(Payloads.Decompress(CompressionType.Gzip, member, 0));
    }

    [Fact]
    public void Members_of_every_length_after_each_other_are_read()
    {
        var noise = Payloads.Named("random30000");
        for (var size = 8100; size < 8300; size++)
        {
            // Incompressible content puts the end of the first member around the end of the inflater's read ahead.
            var second = Payloads.Compress(CompressionType.Gzip, noise.AsSpan(size, 8192));
            byte[] data = [.. Payloads.Compress(CompressionType.Gzip, noise.AsSpan(0, size)), .. second];
            var read = Payloads.Decompress(CompressionType.Gzip, data, size + 8192);
            Assert.True(noise.AsSpan(0, size + 8192).SequenceEqual(read), $"{size}");
        }
    }

    [Fact]
    public void All_optional_fields_of_the_header_are_read()
    {
        var member = Payloads.Compress(CompressionType.Gzip, "hello"u8);
        byte[] header = [0x1F, 0x8B, 8, 0x1F, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9, (byte)'n', 0, (byte)'c', 0];
        var crc = Crc32.HashToUInt32(header);
        byte[] data = [.. header, (byte)crc, (byte)(crc >> 8), .. member[10..]];
        Assert.Equal("hello"u8, Payloads.Decompress(CompressionType.Gzip, data, 5));

        data[header.Length] ^= 1;
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Gzip, data, 5));
        Assert.Contains("the checksum of the header", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0x50, "no member starts with 0x508B")]
    [InlineData(2, 7, "the compression method is 7, only 8 (deflate) is known")]
    [InlineData(3, 0x80, "reserved flags are set")]
    [InlineData(10, 0xFF, "the deflated content is corrupt")]
    [InlineData(-1, 9, "or its 5 bytes (checksum 0x3610A686) are not those that were compressed")]
    [InlineData(-5, 9, "or its 5 bytes (checksum 0x3610A686) are not those that were compressed")]
    public void A_wrong_byte_is_named(int at, byte value, string problem)
    {
        var member = Payloads.Compress(CompressionType.Gzip, "hello"u8);
        member[at < 0 ? member.Length + at : at] = value;
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Gzip, member, 5));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_behind_the_last_member_are_refused()
    {
        byte[] data = [.. Payloads.Compress(CompressionType.Gzip, "hello"u8), 0];
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Gzip, data, 5));
        Assert.Contains("are not those that were compressed", e.Message, StringComparison.Ordinal);
    }
}
