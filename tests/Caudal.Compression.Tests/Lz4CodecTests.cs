namespace Caudal.Compression.Tests;

public sealed class Lz4CodecTests
{
    [Fact]
    public void The_frame_is_the_one_that_Kafka_writes()
    {
        var data = Payloads.Named("random65536");
        var frame = Payloads.Compress(CompressionType.Lz4, data);
        Assert.Equal([0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82], frame[..7]);
        Assert.Equal([0x00, 0x00, 0x01, 0x80], frame[7..11]);
        Assert.Equal(data, frame[11..^4]);
        Assert.Equal([0, 0, 0, 0], frame[^4..]);
        Assert.Equal([0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0], Payloads.Compress(CompressionType.Lz4, []));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(65536)]
    [InlineData(300_000)]
    [InlineData(3_000_000)]
    public void Linked_blocks_are_read(int size)
    {
        var data = Payloads.Text(size);
        Assert.Equal(data, Payloads.Decompress(CompressionType.Lz4, Lz4Frames.Linked(data), size));
    }

    [Fact]
    public void Frames_and_skippable_frames_after_each_other_are_read()
    {
        byte[] skippable = [0x5F, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
        var (one, two) = (Payloads.Compress(CompressionType.Lz4, "one "u8), Payloads.Compress(CompressionType.Lz4, "two"u8));
        byte[] data = [.. skippable, .. one, .. skippable, .. two];
        Assert.Equal("one two"u8, Payloads.Decompress(CompressionType.Lz4, data, 7));
    }

    [Theory]
    [InlineData(0x60, 0x40, 0x00, "the checksum of a frame's header is 0x00 and should be 0x82")]
    [InlineData(0x61, 0x40, 0x00, "a frame needs a dictionary")]
    [InlineData(0xA0, 0x40, 0x00, "a frame is of version 2, only 1 is known")]
    [InlineData(0x62, 0x40, 0x00, "reserved bits of a frame's header are set")]
    [InlineData(0x60, 0x30, 0x00, "a frame's block size is the unknown 3")]
    public void A_header_that_is_not_read_is_named(byte flags, byte descriptor, byte checksum, string problem)
    {
        byte[] frame = [4, 0x22, 0x4D, 0x18, flags, descriptor, checksum, 0, 0, 0, 0];
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Lz4, frame, 10));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.Equal(CompressionType.Lz4, e.Type);
        Assert.InRange(e.Position, 4, 6);
    }

    [Fact]
    public void A_content_size_that_lies_is_refused()
    {
        byte[] frame = [.. Lz4Frames.Header(0x68, 0x40, 4, 0, 0, 0, 0, 0, 0, 0), 3, 0, 0, 0x80, 1, 2, 3, 0, 0, 0, 0];
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Lz4, frame, 10));
        Assert.Contains("states 4 bytes of content and holds 3", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x74, "a block")]
    [InlineData(0x64, "the content of a frame")]
    public void A_wrong_checksum_is_refused(byte flags, string what)
    {
        byte[] frame = [.. Lz4Frames.Header(flags, 0x40), 3, 0, 0, 0x80, 1, 2, 3, 9, 9, 9, 9, 0, 0, 0, 0, 9, 9, 9, 9];
        if (flags == 0x64)
            frame = [.. Lz4Frames.Header(flags, 0x40), 3, 0, 0, 0x80, 1, 2, 3, 0, 0, 0, 0, 9, 9, 9, 9];
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Lz4, frame, 10));
        Assert.Contains($"the checksum of {what} is 0x09090909", e.Message, StringComparison.Ordinal);
    }
}
