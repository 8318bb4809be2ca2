using Caudal.Broker.StateLogs;
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
    public static StateRecord Commit(string group, PartitionKey key, CommittedOffset offset)
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
        return new StateRecord(EncodeKey(group, key), StateRecord.Encode(version, value, version), offset.CommittedAtMs);
    }

    /// <summary>The record that deletes a committed offset.</summary>
    public static StateRecord DeleteOffset(string group, PartitionKey key, long nowMs) => new(EncodeKey(group, key), null, nowMs);

    /// <summary>The record of a group.</summary>
    public static StateRecord Store(string group, GroupMetadataValue value, long nowMs) =>
        new(EncodeKey(group), StateRecord.Encode(GroupValueVersion, value, GroupValueVersion), nowMs);

    /// <summary>The record that deletes a group.</summary>
    public static StateRecord DeleteGroup(string group, long nowMs) => new(EncodeKey(group), null, nowMs);

    private static byte[] EncodeKey(string group, PartitionKey key) =>
        StateRecord.Encode(OffsetKeyType, new OffsetCommitKey { Group = group, Topic = key.Topic, Partition = key.Partition }, 0);

    private static byte[] EncodeKey(string group) => StateRecord.Encode(GroupKeyType, new GroupMetadataKey { Group = group }, 0);
}
