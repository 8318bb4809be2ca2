namespace Caudal.Compression.Tests;

public sealed class ZstdCodecTests
{
    [Fact]
    public void Frames_and_skippable_frames_after_each_other_are_read()
    {
        byte[] skippable = [0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 1, 2];
        var (one, two) = (Payloads.Compress(CompressionType.Zstd, "one "u8), Payloads.Compress(CompressionType.Zstd, "two"u8));
        byte[] data = [.. one, .. skippable, .. two, .. skippable];
        Assert.Equal("one two"u8, Payloads.Decompress(CompressionType.Zstd, data, 7));
    }

    [Fact]
    public void A_window_of_any_size_costs_nothing()
    {
        // No content size, a window of 2 GiB, one block that repeats a byte five times.
        byte[] frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 21 << 3, (5 << 3) | 3, 0, 0, 7];
        Assert.Equal([7, 7, 7, 7, 7], Payloads.Decompress(CompressionType.Zstd, frame, 5));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Payloads.Decompress(CompressionType.Zstd, frame, 1 << 30);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    [Fact]
    public void A_stated_content_size_is_not_believed()
    {
        // One segment of 4 GiB less one, and one block that repeats a byte five times.
        byte[] frame = [0x28, 0xB5, 0x2F, 0xFD, 0xA0, 0xFF, 0xFF, 0xFF, 0xFF, (5 << 3) | 3, 0, 0, 7];
        Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Zstd, frame, int.MaxValue));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Zstd, frame, int.MaxValue));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8192);
        Assert.Contains("a frame of 13 bytes is corrupt", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3, 4, 5 }, "no frame starts with 0x04030201")]
    [InlineData(new byte[] { 0x28, 0xB5 }, "the magic number of a frame needs 4 bytes, only 2 are left")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, 0x29, 0, 0 }, "an uncompressed block needs 5 bytes")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, 7, 0, 0, 0 }, "a block is of the reserved type 3")]
    public void A_frame_that_is_not_read_is_named(byte[] data, string problem)
    {
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(CompressionType.Zstd, data, 100));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }
}
