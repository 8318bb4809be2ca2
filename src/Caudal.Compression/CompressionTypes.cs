namespace Caudal.Compression;

/// <summary>Names and levels of the codecs, as Kafka's <c>compression.type</c> and <c>compression.*.level</c> spell them.</summary>
public static class CompressionTypes
{
    private static readonly string[] Names = ["none", "gzip", "snappy", "lz4", "zstd"];

    /// <summary>Finds a codec by Kafka's name. Case matters, as it does in Kafka.</summary>
    /// <param name="name"><c>none</c>, <c>gzip</c>, <c>snappy</c>, <c>lz4</c> or <c>zstd</c>.</param>
    /// <param name="type">The codec, or <see cref="CompressionType.None"/> if there is none of that name.</param>
    /// <returns>Whether there is a codec of that name.</returns>
    public static bool TryParse(string name, out CompressionType type)
    {
        var index = Array.IndexOf(Names, name);
        type = (CompressionType)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Kafka's name of a codec, in lower case.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no codec of that number.</exception>
    public static string Name(CompressionType type) => (int)type < Names.Length ? Names[(int)type] : throw Unknown(type);

    /// <summary>
    /// The levels that a codec takes (KIP-390). A level is good if it is the default or lies from <c>Min</c> to <c>Max</c>: the default of
    /// gzip is -1 (which means 6) and lies outside. Codecs without levels give zeros.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no codec of that number.</exception>
    public static (int Min, int Max, int Default) LevelRange(CompressionType type) => type switch
    {
        CompressionType.None or CompressionType.Snappy => (0, 0, 0),
        CompressionType.Gzip => (1, 9, -1),
        CompressionType.Lz4 => (1, 17, 9),
        CompressionType.Zstd => (-131072, 22, 3),
        _ => throw Unknown(type),
    };

    internal static ArgumentOutOfRangeException Unknown(CompressionType type) =>
        new(nameof(type), type, "There is no such codec; Kafka knows the numbers 0 (none) to 4 (zstd).");
}
