using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <summary>
/// Decides which offsets are too old (KIP-211): those of a group that has long been empty, and those of topics that its consumers no longer
/// read.
/// </summary>
/// <param name="nowMs">The time in ms since 1970.</param>
/// <param name="retentionMs">How long offsets are kept, in ms.</param>
internal sealed class OffsetsExpiry(long nowMs, long retentionMs)
{
    /// <summary>The protocol type of groups whose subscriptions can be read.</summary>
    public const string ConsumerProtocolType = "consumer";

    // What is understood of the consumer protocol; later versions only add fields at the end.
    private const short NewestSubscription = 3;

    /// <summary>The partitions whose offsets have expired. A partition with a commit under way is not among them.</summary>
    public List<PartitionKey> Find(Group group)
    {
        var expired = new List<PartitionKey>();
        var subscribed = group is { State: GroupState.Stable, ProtocolType: ConsumerProtocolType } ? SubscribedTopics(group) : null;
        foreach (var (topic, partitions) in group.Offsets.Topics)
        {
            foreach (var (partition, offset) in partitions)
            {
                var key = new PartitionKey(topic, partition);
                if (BeginOf(group, topic, offset, subscribed) is { } begin && IsExpired(offset, begin) && !group.Offsets.IsPending(key))
                    expired.Add(key);
            }
        }

        return expired;
    }

    /// <summary>Whether nothing is left of a group once its expired offsets are gone.</summary>
    public static bool IsOver(Group group, int expiredCount) =>
        group is { State: GroupState.Empty, PendingMembers.Count: 0, Offsets.HasPending: false }
        && group.Offsets.Topics.Sum(static topic => topic.Value.Count) == expiredCount;

    /// <summary>The topics that the members of a group of consumers read.</summary>
    /// <returns>Null if a subscription cannot be read: then everything is in use.</returns>
    public static HashSet<string>? SubscribedTopics(Group group)
    {
        // Before the first generation nobody has been told what counts.
        if (group.ProtocolName is null)
            return null;
        var topics = new HashSet<string>();
        try
        {
            foreach (var member in group.Members.Values)
            {
                var metadata = member.MetadataFor(group.ProtocolName);
                if (metadata.Length == 0)
                    continue;
                var version = Math.Min(StateRecord.KeyType(metadata), NewestSubscription);
                topics.UnionWith(StateRecord.Decode<ConsumerProtocolSubscription>(metadata, version).Topics);
            }
        }
        catch (KafkaException)
        {
            return null;
        }

        return topics;
    }

    private bool IsExpired(CommittedOffset offset, long beginMs) =>
        offset.ExpiresAtMs >= 0 ? nowMs >= offset.ExpiresAtMs : nowMs - beginMs >= retentionMs;

    // From when on the offset's age counts; null while it is in use.
    private static long? BeginOf(Group group, string topic, CommittedOffset offset, HashSet<string>? subscribed) => group switch
    {
        // It never had members: whoever commits keeps the offset alive by it.
        { ProtocolType: null } => offset.CommittedAtMs,
        { State: GroupState.Empty } => group.StateSinceMs >= 0 ? group.StateSinceMs : offset.CommittedAtMs,
        _ => subscribed?.Contains(topic) == false ? offset.CommittedAtMs : null,
    };
}
