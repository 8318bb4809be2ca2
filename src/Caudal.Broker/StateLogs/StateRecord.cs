using System.Buffers.Binary;
using Caudal.Protocol;

namespace Caudal.Broker.StateLogs;

/// <summary>A record of a coordinator's topic, in Kafka's own encoding: a key begins with its type, a value with its version.</summary>
/// <param name="Key">The key, its type first.</param>
/// <param name="Value">The value, its version first; null deletes the key.</param>
/// <param name="TimestampMs">The record's time in ms since 1970.</param>
internal readonly record struct StateRecord(byte[] Key, byte[]? Value, long TimestampMs)
{
    /// <summary>Reads the type with which a key begins.</summary>
    /// <exception cref="ProtocolException">The key is too short.</exception>
    public static short KeyType(ReadOnlyMemory<byte> key) =>
        key.Length >= 2
            ? BinaryPrimitives.ReadInt16BigEndian(key.Span)
            : throw new ProtocolException($"A key of {key.Length} bytes has no type.");

    /// <summary>Reads a key behind its type, or a value behind its version.</summary>
    /// <param name="bytes">The whole key or value.</param>
    /// <param name="version">The version of the layout; null to take it from the beginning of <paramref name="bytes"/>.</param>
    /// <exception cref="KafkaException">The bytes are malformed or of a version that is not known.</exception>
    public static T Decode<T>(ReadOnlyMemory<byte> bytes, short? version = null)
        where T : IKafkaMessage<T>
    {
        var reader = new KafkaReader(bytes);
        var prefix = reader.ReadInt16("version");
        return T.Read(ref reader, version ?? prefix);
    }

    /// <summary>Writes a key or a value.</summary>
    /// <param name="prefix">The type of the key, or the version of the value.</param>
    /// <param name="message">What follows it.</param>
    /// <param name="version">The version of the layout.</param>
    public static byte[] Encode(short prefix, IKafkaMessage message, short version)
    {
        using var frame = new FrameBuffer();
        frame.BeginFrame();
        var writer = new KafkaWriter(frame);
        writer.WriteInt16(prefix);
        message.Write(ref writer, version);
        writer.Flush();
        frame.EndFrame();
        // The frame begins with its own length.
        var bytes = new byte[frame.Length - sizeof(int)];
        frame.CopyBodyTo(bytes);
        return bytes;
    }
}
