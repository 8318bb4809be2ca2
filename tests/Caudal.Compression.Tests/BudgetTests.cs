namespace Caudal.Compression.Tests;

/// <summary>What calls may allocate.</summary>
public sealed class BudgetTests
{
    private const int BombSize = 100_000_000;

    // Bytes a call on 200,000 bytes. Snappier makes an object a block, the framework's gzip several a call; neither offers another way.
    [Theory]
    [InlineData(CompressionType.None, null, 0, 0)]
    [InlineData(CompressionType.Lz4, null, 0, 0)]
    [InlineData(CompressionType.Lz4, 12, 0, 0)]
    [InlineData(CompressionType.Zstd, null, 0, 0)]
    [InlineData(CompressionType.Snappy, null, 7 * 48, 7 * 80)]
    [InlineData(CompressionType.Gzip, null, 600, 600)]
    public void A_call_allocates_what_the_budget_says(CompressionType type, int? level, int compressing, int decompressing)
    {
        const int Rounds = 5;
        var data = Payloads.Text(200_000);
        using var compressed = new PooledBuffer();
        using var plain = new PooledBuffer();
        var (spentCompressing, spentDecompressing) = (0L, 0L);
        for (var round = -Rounds; round < Rounds; round++)
        {
            compressed.Clear();
            plain.Clear();
            var start = GC.GetAllocatedBytesForCurrentThread();
            Codec.Compress(type, data, compressed, level);
            var middle = GC.GetAllocatedBytesForCurrentThread();
            Codec.Decompress(type, compressed.WrittenSpan, plain, data.Length);
            var end = GC.GetAllocatedBytesForCurrentThread();
            if (round < 0)
                continue;
            spentCompressing += middle - start;
            spentDecompressing += end - middle;
        }

        Assert.Equal(data, plain.WrittenSpan);
        Assert.InRange(spentCompressing / Rounds, 0, compressing);
        Assert.InRange(spentDecompressing / Rounds, 0, decompressing);
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public void A_bomb_stops_at_the_limit_with_little_memory(CompressionType type)
    {
        const int MaxSize = 1_000_000;
        var bomb = Payloads.Compress(type, new byte[BombSize]);
        using var output = new PooledBuffer(2 * MaxSize);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<CompressionException>(() => Codec.Decompress(type, bomb, output, MaxSize));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Contains("more than the allowed 1000000 bytes would come out", e.Message, StringComparison.Ordinal);
        Assert.InRange(output.WrittenCount, 0, MaxSize);
    }
}
