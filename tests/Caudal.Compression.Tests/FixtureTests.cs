namespace Caudal.Compression.Tests;

/// <summary>
/// What Kafka's own codecs wrote (<c>java/KafkaCodecs.java</c>) is read here; the frame of linked blocks, which no Java library writes,
/// comes from <c>lz4 -BD -B4 -BX --content-size</c> 1.9.4.
/// </summary>
public sealed class FixtureTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "fixtures");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.bin").Select(file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Fact]
    public void Every_codec_has_fixtures() =>
        Assert.All(Payloads.Codecs, type => Assert.True(Directory.GetFiles(Folder, $"{CompressionTypes.Name(type)}-*.bin").Length >= 7));

    [Theory]
    [MemberData(nameof(Names))]
    public void What_Kafka_wrote_is_read(string name)
    {
        var (type, data, expected) = Load(name);
        Assert.Equal(expected, Payloads.Decompress(type, data, expected.Length));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_byte_more_than_allowed_is_refused(string name)
    {
        var (type, data, expected) = Load(name);
        if (expected.Length == 0)
            return;
        var e = Assert.Throws<CompressionException>(() => Payloads.Decompress(type, data, expected.Length - 1));
        Assert.Contains($"more than the allowed {expected.Length - 1} bytes", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Cut_off_anywhere_it_is_refused_or_a_true_beginning(string name)
    {
        var (type, data, expected) = Load(name);
        var mayEndEarly = type == CompressionType.Snappy || name.Contains("concatenated", StringComparison.Ordinal);
        var step = Math.Max(1, data.Length / 200);
        for (var length = 0; length < data.Length; length += step)
        {
            var cut = data.AsSpan(0, length).ToArray();
            try
            {
                var begin = Payloads.Decompress(type, cut, expected.Length);

                // Between two members, and between snappy's blocks, nothing tells that more was there.
                Assert.True(mayEndEarly, $"{name} cut to {length}");
                Assert.True(expected.AsSpan().StartsWith(begin), $"{name} cut to {length}");
            }
            catch (CompressionException e)
            {
                Assert.InRange(e.Position, 0, length);
            }
        }
    }

    private static (CompressionType Type, byte[] Data, byte[] Expected) Load(string name)
    {
        Assert.True(CompressionTypes.TryParse(name[..name.IndexOf('-', StringComparison.Ordinal)], out var type));
        return (type, File.ReadAllBytes(Path.Combine(Folder, name + ".bin")), Payloads.Named(name[(name.LastIndexOf('-') + 1)..]));
    }
}
