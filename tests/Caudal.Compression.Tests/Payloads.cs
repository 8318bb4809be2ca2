using System.Globalization;
using System.Text;

namespace Caudal.Compression.Tests;

/// <summary>The data of the tests, the same in every run; <c>java/KafkaCodecs.java</c> makes the same bytes.</summary>
internal static class Payloads
{
    public static readonly CompressionType[] Codecs =
        [CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd];

    /// <summary>What a name like <c>text1000</c> stands for.</summary>
    public static byte[] Named(string name)
    {
        var digits = name.AsSpan().IndexOfAnyInRange('0', '9');
        var size = int.Parse(name.AsSpan(digits), CultureInfo.InvariantCulture);
        return name[..digits] switch
        {
            "text" => Text(size),
            "random" => Noise(size),
            "zeros" => new byte[size],
            _ => throw new ArgumentException($"there is no payload '{name}'"),
        };
    }

    public static byte[] Text(int size)
    {
        var text = new StringBuilder();
        var state = 1u;
        for (var id = 0; text.Length < size; id++)
        {
            state = Next(state);
            var drawn = state >> 8;
            var line = $$"""{"id":"order-{{id}}","customer":"c{{drawn % 500}}","amount":{{drawn % 10000}}}""";
            text.Append(line).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, size));
    }

    public static byte[] Compress(CompressionType type, ReadOnlySpan<byte> data, int? level = null)
    {
        using var buffer = new PooledBuffer();
        Codec.Compress(type, data, buffer, level);
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Decompress(CompressionType type, ReadOnlySpan<byte> data, int maxSize)
    {
        using var buffer = new PooledBuffer();
        Codec.Decompress(type, data, buffer, maxSize);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Noise(int size)
    {
        var bytes = new byte[size];
        var state = 1u;
        foreach (ref var b in bytes.AsSpan())
        {
            state = Next(state);
            b = (byte)(state >> 24);
        }

        return bytes;
    }

    private static uint Next(uint state) => unchecked((state * 1664525u) + 1013904223u);
}
