namespace Caudal.Compression;

/// <summary>The codec of a record batch. The numbers are those that Kafka keeps in the lowest three bits of a batch's attributes.</summary>
public enum CompressionType : byte
{
    /// <summary>Records as they are.</summary>
    None = 0,

    /// <summary>Members of RFC 1952.</summary>
    Gzip = 1,

    /// <summary>Snappy blocks in the framing of snappy-java; a single bare block is read too.</summary>
    Snappy = 2,

    /// <summary>An LZ4 frame.</summary>
    Lz4 = 3,

    /// <summary>Zstandard frames of RFC 8878.</summary>
    Zstd = 4,
}
