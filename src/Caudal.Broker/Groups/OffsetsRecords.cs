using System.Buffers.Binary;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <summary>
/// Encodes and decodes the records of <c>__consumer_offsets</c> as Kafka does: a key begins with its type, a value with its version.
/// </summary>
internal static class OffsetsRecords
{
    /// <summary>The type of a committed offset's key. Type 0 is the same in an older value.</summary>
    public const short OffsetKeyType = 1;

    /// <summary>The type of a group's key. Higher types belong to the groups of other protocols.</summary>
    public const short GroupKeyType = 2;

    // What Kafka 4.3 writes.
    private const short OffsetValueVersion = 4;
    private const short ExpiringOffsetValueVersion = 1;
    private const short GroupValueVersion = 3;

    /// <summary>The record of a committed offset.</summary>
    public static OffsetsRecord Commit(string group, PartitionKey key, CommittedOffset offset)
    {
        // Only version 1 knows an expiry of its own; it knows neither leader epoch nor topic id, as in Kafka.
        var version = offset.ExpiresAtMs >= 0 ? ExpiringOffsetValueVersion : OffsetValueVersion;
        var value = new OffsetCommitValue
        {
            Offset = offset.Offset,
            LeaderEpoch = offset.LeaderEpoch,
            Metadata = offset.Metadata,
            CommitTimestamp = offset.CommittedAtMs,
            ExpireTimestamp = offset.ExpiresAtMs,
            TopicId = offset.TopicId,
        };
        return new OffsetsRecord(EncodeKey(group, key), Encode(version, value, version), offset.CommittedAtMs);
    }

    /// <summary>The record that deletes a committed offset.</summary>
    public static OffsetsRecord DeleteOffset(string group, PartitionKey key, long nowMs) => new(EncodeKey(group, key), null, nowMs);

    /// <summary>The record of a group.</summary>
    public static OffsetsRecord Store(string group, GroupMetadataValue value, long nowMs) =>
        new(EncodeKey(group), Encode(GroupValueVersion, value, GroupValueVersion), nowMs);

    /// <summary>The record that deletes a group.</summary>
    public static OffsetsRecord DeleteGroup(string group, long nowMs) => new(EncodeKey(group), null, nowMs);

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

    private static byte[] EncodeKey(string group, PartitionKey key) =>
        Encode(OffsetKeyType, new OffsetCommitKey { Group = group, Topic = key.Topic, Partition = key.Partition }, 0);

    private static byte[] EncodeKey(string group) => Encode(GroupKeyType, new GroupMetadataKey { Group = group }, 0);

    private static byte[] Encode(short prefix, IKafkaMessage message, short version)
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
