namespace Caudal.Compression.Tests;

public sealed class SnappyCodecTests
{
    private static readonly byte[] Header = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1];

    [Fact]
    public void The_framing_is_that_of_snappy_java()
    {
        Assert.Equal(Header, Payloads.Compress(CompressionType.Snappy, []));

        // A block: its length, the varint of the content's, and a literal of one byte.
        Assert.Equal([.. Header, 0, 0, 0, 3, 1, 0, 0x78], Payloads.Compress(CompressionType.Snappy, "x"u8));
    }

    [Fact]
    public void Blocks_hold_32_KiB()
    {
        var data = Payloads.Compress(CompressionType.Snappy, Payloads.Named("zeros32769"));
        var first = (data[16] << 24) | (data[17] << 16) | (data[18] << 8) | data[19];
        Assert.Equal([0x80, 0x80, 0x02], data[20..23]);
        Assert.Equal([0, 0, 0, 3, 1, 0, 0], data[(20 + first)..]);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 0 }, "a block states a length of 0")]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, "a block states a length of -1")]
    [InlineData(new byte[] { 0, 0, 0, 9, 1, 0, 0x78 }, "a block needs 9 bytes, only 3 are left")]
    [InlineData(new byte[] { 0, 0 }, "the length of a block needs 4 bytes, only 2 are left")]
    [InlineData(new byte[] { 0, 0, 0, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0x07 }, "states 2147483647 bytes of content, more than it can hold")]
    public void A_block_that_lies_is_named(byte[] block, string problem)
    {
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Snappy, [.. Header, .. block], 100));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Position, 16, 20);
    }
}
