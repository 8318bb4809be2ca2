using Caudal.Protocol.Messages;

namespace Caudal.Broker.Fetching;

/// <summary>Makes targets from what requests name.</summary>
internal static class FetchTargets
{
    /// <summary>All partitions of a request, in its order.</summary>
    public static FetchTarget[] From(FetchRequest request)
    {
        var count = 0;
        foreach (var topic in request.Topics)
            count += topic.Partitions.Length;
        var targets = new FetchTarget[count];
        var next = 0;
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
                targets[next++] = From(topic, partition);
        }

        return targets;
    }

    /// <summary>One partition of a request.</summary>
    public static FetchTarget From(FetchRequest.FetchTopic topic, FetchRequest.FetchPartition partition) => new()
    {
        Topic = topic.Topic,
        TopicId = topic.TopicId,
        Partition = partition.Partition,
        Offset = partition.FetchOffset,
        MaxBytes = partition.PartitionMaxBytes,
        LeaderEpoch = partition.CurrentLeaderEpoch,
        LastFetchedEpoch = partition.LastFetchedEpoch,
    };
}
