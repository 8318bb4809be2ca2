namespace Caudal.Compression.Tests;

public sealed class CompressionTypesTests
{
    [Theory]
    [InlineData("none", 0)]
    [InlineData("gzip", 1)]
    [InlineData("snappy", 2)]
    [InlineData("lz4", 3)]
    [InlineData("zstd", 4)]
    public void Names_and_numbers_are_those_of_Kafka(string name, int number)
    {
        Assert.True(CompressionTypes.TryParse(name, out var type));
        Assert.Equal((CompressionType)number, type);
        Assert.Equal(name, CompressionTypes.Name(type));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GZIP")]
    [InlineData("lz5")]
    [InlineData("producer")]
    public void Other_names_are_refused(string name)
    {
        Assert.False(CompressionTypes.TryParse(name, out var type));
        Assert.Equal(CompressionType.None, type);
    }

    [Fact]
    public void Levels_are_those_of_Kafka()
    {
        Assert.Equal((1, 9, -1), CompressionTypes.LevelRange(CompressionType.Gzip));
        Assert.Equal((1, 17, 9), CompressionTypes.LevelRange(CompressionType.Lz4));
        Assert.Equal((-131072, 22, 3), CompressionTypes.LevelRange(CompressionType.Zstd));
        Assert.Equal((0, 0, 0), CompressionTypes.LevelRange(CompressionType.Snappy));
        Assert.Equal((0, 0, 0), CompressionTypes.LevelRange(CompressionType.None));
    }

    [Theory]
    [InlineData(CompressionType.Gzip, 0)]
    [InlineData(CompressionType.Gzip, 10)]
    [InlineData(CompressionType.Gzip, -2)]
    [InlineData(CompressionType.Lz4, 0)]
    [InlineData(CompressionType.Lz4, 18)]
    [InlineData(CompressionType.Zstd, 23)]
    [InlineData(CompressionType.Zstd, -131073)]
    public void A_level_outside_the_range_is_refused_with_the_range(CompressionType type, int level)
    {
        using var buffer = new PooledBuffer();
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => Codec.Compress(type, "x"u8, buffer, level));
        Assert.Contains($"{CompressionTypes.Name(type)} has levels from", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, buffer.WrittenCount);
    }

    [Fact]
    public void A_codec_that_does_not_exist_is_misuse()
    {
        using var buffer = new PooledBuffer();
        Assert.Throws<ArgumentOutOfRangeException>(() => Codec.Compress((CompressionType)5, "x"u8, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => Codec.Decompress((CompressionType)5, "x"u8, buffer, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Codec.Decompress((CompressionType)5, [], buffer, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Codec.Decompress(CompressionType.Lz4, "x"u8, buffer, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CompressionTypes.Name((CompressionType)7));
        Assert.Throws<ArgumentOutOfRangeException>(() => CompressionTypes.LevelRange((CompressionType)7));
    }
}
