using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Metadata;

/// <summary>Turns metadata responses into snapshots.</summary>
internal static class MetadataMerge
{
    /// <summary>Puts what a response says over what was known.</summary>
    /// <remarks>
    /// A broker may be behind the others: a leader of an older epoch than the known one is not believed, unless the topic was made anew.
    /// </remarks>
    public static ClusterSnapshot Merge(ClusterSnapshot known, MetadataResponse response, long now)
    {
        var topics = new Dictionary<string, TopicMetadata>(known.Topics);
        foreach (var topic in response.Topics)
        {
            if (topic.Name is { } name)
                topics[name] = Merge(topics.GetValueOrDefault(name), Convert(topic, now));
        }

        return new ClusterSnapshot
        {
            ClusterId = response.ClusterId ?? known.ClusterId,
            ControllerId = response.ControllerId,
            Brokers = [.. response.Brokers.Select(broker => new BrokerAddress(broker.NodeId, broker.Host, broker.Port, broker.Rack))],
            Topics = topics,
            TopicNames = NamesOf(topics),
        };
    }

    /// <summary>Puts a leader that a broker named in passing (KIP-951) over what was known; null if it is not newer.</summary>
    public static ClusterSnapshot? WithLeader(ClusterSnapshot known, string topic, int partition, int leaderId, int leaderEpoch)
    {
        if (known.Partition(topic, partition) is not { } old || old.LeaderEpoch >= leaderEpoch)
            return null;
        var metadata = known.Topics[topic];
        var partitions = metadata.Partitions.ToArray();
        partitions[partition] = old with { LeaderId = leaderId, LeaderEpoch = leaderEpoch };
        return With(known, topic, metadata with { Partitions = partitions });
    }

    /// <summary>Removes a topic.</summary>
    public static ClusterSnapshot Without(ClusterSnapshot known, string topic) => With(known, topic, null);

    /// <summary>One topic of a response.</summary>
    public static TopicMetadata Convert(MetadataResponse.MetadataResponseTopic topic, long now)
    {
        var partitions = new PartitionMetadata[topic.Partitions.Length == 0 ? 0 : topic.Partitions.Max(
            partition => Math.Clamp(partition.PartitionIndex, 0, 1_000_000)) + 1];
        foreach (var partition in topic.Partitions)
        {
            if ((uint)partition.PartitionIndex < (uint)partitions.Length)
                partitions[partition.PartitionIndex] = new(
                    partition.PartitionIndex, partition.LeaderId, partition.LeaderEpoch, partition.ReplicaNodes, partition.IsrNodes);
        }

        // Numbers that are missing in between (they should not be) become partitions without a leader.
        for (var i = 0; i < partitions.Length; i++)
            partitions[i] ??= new PartitionMetadata(i, -1, -1, [], []);
        return new TopicMetadata(topic.Name ?? "", topic.TopicId, (ErrorCode)topic.ErrorCode, topic.IsInternal, partitions, now);
    }

    private static TopicMetadata Merge(TopicMetadata? known, TopicMetadata next)
    {
        if (known is null || known.Id != next.Id)
            return next;
        // A passing error (a leader is being elected) does not make the partitions vanish.
        if (next.Error != ErrorCode.None && next.Error.IsRetriable() && next.Error != ErrorCode.UnknownTopicOrPartition
            && next.Partitions.Length == 0)
        {
            return known with { Timestamp = next.Timestamp };
        }

        for (var i = 0; i < Math.Min(known.Partitions.Length, next.Partitions.Length); i++)
        {
            if (next.Partitions[i].LeaderEpoch >= 0 && next.Partitions[i].LeaderEpoch < known.Partitions[i].LeaderEpoch)
                next.Partitions[i] = known.Partitions[i];
        }

        return next;
    }

    private static ClusterSnapshot With(ClusterSnapshot known, string name, TopicMetadata? topic)
    {
        var topics = new Dictionary<string, TopicMetadata>(known.Topics);
        if (topic is null)
            topics.Remove(name);
        else
            topics[name] = topic;
        return new ClusterSnapshot
        {
            ClusterId = known.ClusterId,
            ControllerId = known.ControllerId,
            Brokers = known.Brokers,
            Topics = topics,
            TopicNames = NamesOf(topics),
        };
    }

    private static Dictionary<Uuid, string> NamesOf(Dictionary<string, TopicMetadata> topics)
    {
        var names = new Dictionary<Uuid, string>();
        foreach (var topic in topics.Values)
        {
            if (topic.Id != Uuid.Zero)
                names[topic.Id] = topic.Name;
        }

        return names;
    }
}
