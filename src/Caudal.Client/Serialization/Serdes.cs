using System.Text.Json.Serialization.Metadata;
using Caudal.Client.Serialization;

namespace Caudal.Client;

/// <summary>The formats that are built in, byte for byte those of Kafka's own serializers. All are thread safe.</summary>
public static class Serdes
{
    /// <summary>Text as UTF-8; null is Kafka's null.</summary>
    public static ISerde<string?> Utf8 { get; } = new Utf8Serde();

    /// <summary>Bytes as they are, copied when read; null is Kafka's null.</summary>
    public static ISerde<byte[]?> ByteArray { get; } = new ByteArraySerde();

    /// <summary>Bytes as they are, copied when read; Kafka's null is read as empty, and never written.</summary>
    public static ISerde<ReadOnlyMemory<byte>> Memory { get; } = new MemorySerde();

    /// <summary>Two bytes, big-endian. Reading null or another length fails.</summary>
    public static ISerde<short> Int16 { get; } = new Int16Serde();

    /// <summary>Four bytes of IEEE 754, big-endian. Reading null or another length fails.</summary>
    public static ISerde<float> Single { get; } = new SingleSerde();

    /// <summary>Eight bytes of IEEE 754, big-endian. Reading null or another length fails.</summary>
    public static ISerde<double> Double { get; } = new DoubleSerde();

    /// <summary>One byte, 0 or 1. Reading null or anything else fails.</summary>
    public static ISerde<bool> Boolean { get; } = new BooleanSerde();

    /// <summary>The text of the id with hyphens, as Java's <c>UUIDSerializer</c> writes it. Reading null or anything else fails.</summary>
    public static ISerde<Guid> Guid { get; } = new GuidSerde();

    /// <summary>Four bytes, big-endian. Reading null or another length fails.</summary>
    public static ISerde<int> Int32 { get; } = new Int32Serde();

    /// <summary>Eight bytes, big-endian. Reading null or another length fails.</summary>
    public static ISerde<long> Int64 { get; } = new Int64Serde();

    /// <summary>Always null; reading anything else fails.</summary>
    public static ISerde<Null> Null { get; } = new NullSerde();

    /// <summary>Reads anything as nothing; writes null.</summary>
    public static ISerde<Ignore> Ignore { get; } = new IgnoreSerde();

    /// <summary>JSON as UTF-8, by a source-generated contract; null is Kafka's null.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="type">The contract, e.g. <c>MyContext.Default.Order</c>.</param>
    public static ISerde<T?> Json<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new JsonSerde<T>(type);
    }
}
