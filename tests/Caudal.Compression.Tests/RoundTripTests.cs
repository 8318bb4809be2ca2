namespace Caudal.Compression.Tests;

public sealed class RoundTripTests
{
    private static readonly int[] Sizes =
    [
        0, 1, 2, 3, 15, 16, 100, 1000, 8191, 8192, 32767, 32768, 32769, 65535, 65536, 65537, 98304, 131071, 131072, 131073,
        1 << 20, (1 << 20) + 1,
    ];

    public static TheoryData<CompressionType> Codecs => [.. Payloads.Codecs, CompressionType.None];

    public static TheoryData<CompressionType, int> Levels => new()
    {
        { CompressionType.Gzip, -1 }, { CompressionType.Gzip, 1 }, { CompressionType.Gzip, 5 }, { CompressionType.Gzip, 9 },
        { CompressionType.Lz4, 1 }, { CompressionType.Lz4, 2 }, { CompressionType.Lz4, 3 }, { CompressionType.Lz4, 9 },
        { CompressionType.Lz4, 12 },
        { CompressionType.Lz4, 17 }, { CompressionType.Zstd, -131072 }, { CompressionType.Zstd, -5 }, { CompressionType.Zstd, 0 },
        { CompressionType.Zstd, 1 }, { CompressionType.Zstd, 12 }, { CompressionType.Zstd, 22 }, { CompressionType.Snappy, 3 },
        { CompressionType.None, 3 },
    };

    [Theory]
    [MemberData(nameof(Codecs))]
    public void What_was_compressed_comes_out_again(CompressionType type)
    {
        foreach (var kind in new[] { "text", "random", "zeros" })
        {
            foreach (var size in Sizes)
            {
                var data = Payloads.Named($"{kind}{size}");
                Assert.True(data.AsSpan().SequenceEqual(Payloads.Decompress(type, Payloads.Compress(type, data), size)), $"{kind}{size}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Mixed_content_of_any_size_comes_out_again(CompressionType type)
    {
        var random = new Random(4);
        for (var round = 0; round < 200; round++)
        {
            var data = new byte[random.Next(100_000)];
            for (var at = 0; at < data.Length;)
            {
                var run = data.AsSpan(at, Math.Min(random.Next(1, 5000), data.Length - at));
                if (random.Next(2) == 0)
                    random.NextBytes(run);
                else
                    run.Fill((byte)random.Next(256));
                at += run.Length;
            }

            var read = Payloads.Decompress(type, Payloads.Compress(type, data), data.Length);
            Assert.True(data.AsSpan().SequenceEqual(read), $"round {round}");
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Every_level_comes_out_again(CompressionType type, int level)
    {
        var data = Payloads.Text(200_000);
        Assert.Equal(data, Payloads.Decompress(type, Payloads.Compress(type, data, level), data.Length));
    }

    [Theory]
    [InlineData(CompressionType.Gzip, 1, 9)]
    [InlineData(CompressionType.Lz4, 9, 12)]
    [InlineData(CompressionType.Zstd, 1, 19)]
    public void A_higher_level_makes_less(CompressionType type, int low, int high)
    {
        var data = Payloads.Text(200_000);
        Assert.True(Payloads.Compress(type, data, high).Length < Payloads.Compress(type, data, low).Length);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Both_directions_append(CompressionType type)
    {
        using var compressed = new PooledBuffer();
        compressed.GetSpan(1)[0] = 7;
        compressed.Advance(1);
        Codec.Compress(type, "hello"u8, compressed);
        Assert.Equal(7, compressed.WrittenSpan[0]);

        using var plain = new PooledBuffer();
        plain.GetSpan(1)[0] = 8;
        plain.Advance(1);
        Codec.Decompress(type, compressed.WrittenSpan[1..], plain, 5);
        Assert.Equal("\bhello"u8, plain.WrittenSpan);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Many_threads_share_the_codecs(CompressionType type)
    {
        var data = Enumerable.Range(0, 8).Select(i => Payloads.Text(20_000 + i)).ToArray();
        Parallel.For(0, 400, i =>
        {
            var expected = data[i % data.Length];
            Assert.True(expected.AsSpan().SequenceEqual(Payloads.Decompress(type, Payloads.Compress(type, expected), expected.Length)));
        });
    }
}
