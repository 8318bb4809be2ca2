// ElectLeaders (43), versions 0-2.
// * Preferred: the first replica, if it is up (PREFERRED_LEADER_NOT_AVAILABLE). Unclean: any that is up, for partitions without a leader
//   (ELIGIBLE_LEADERS_NOT_AVAILABLE); nothing is lost by it here, the nodes have one log between them.
// * A partition that has the leader already: ELECTION_NOT_NEEDED. Asked for all partitions (null), those are left out.
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Result = Caudal.Protocol.Messages.ElectLeadersResponse.PartitionResultData;

namespace Caudal.Broker.Handlers;

/// <summary>Elects the leaders of partitions.</summary>
internal sealed class ElectLeadersHandler(ClusterNodes nodes, TopicRegistry topics)
    : RequestHandler<ElectLeadersRequest, ElectLeadersResponse>
{
    private const sbyte Preferred = 0;
    private const sbyte Unclean = 1;

    /// <inheritdoc/>
    protected override async ValueTask<ElectLeadersResponse?> HandleAsync(
        RequestContext context, ElectLeadersRequest request, Reply reply)
    {
        if (request.ElectionType is not (Preferred or Unclean))
            return new ElectLeadersResponse { ErrorCode = (short)ErrorCode.InvalidRequest };
        var all = request.TopicPartitions is null;
        var asked = request.TopicPartitions?.Select(t => (t.Topic, t.Partitions))
            ?? topics.All.Select(t => (Topic: t.Name, Partitions: Enumerable.Range(0, t.Partitions.Length).ToArray()));
        var elected = new Dictionary<(string Topic, int Partition), int>();
        var results = new List<ElectLeadersResponse.ReplicaElectionResult>();
        foreach (var (topic, partitions) in asked)
        {
            var result = Array.ConvertAll(partitions, partition => Elect(topic, partition, request.ElectionType, elected));
            if (all)
                result = Array.FindAll(result, r => r.ErrorCode != (short)ErrorCode.ElectionNotNeeded);
            if (result.Length > 0)
                results.Add(new() { Topic = topic, PartitionResult = result });
        }

        // A leader that moved meanwhile moves again; a node that stopped meanwhile does not become one.
        await topics.PlaceAsync(
            () => elected.Keys.Select(p => p.Topic).Distinct().Select(name => topics.TryGet(name, out var t) ? t : null).OfType<Topic>(),
            (topic, partition, present) =>
                elected.TryGetValue((topic.Name, partition), out var leader) && nodes.IsLive(leader) ? present.LedBy(leader) : present)
            .ConfigureAwait(false);
        return new ElectLeadersResponse { ReplicaElectionResults = [.. results] };
    }

    private Result Elect(string topicName, int partition, sbyte type, Dictionary<(string, int), int> elected)
    {
        if (!topics.TryGet(topicName, out var topic))
            return Answer(partition, ErrorCode.UnknownTopicOrPartition, $"No such topic as {topicName}");
        if (topic.Partition(partition) is null)
            return Answer(partition, ErrorCode.UnknownTopicOrPartition, $"No such partition as {topicName}-{partition}");
        var placement = topic.Placement(partition);
        if (type == Preferred ? placement.Leader == placement.Replicas[0] : placement.Leader != PartitionPlacement.NoLeader)
            return Answer(partition, ErrorCode.ElectionNotNeeded, "Leader election not needed for topic partition.");
        var candidate = type == Preferred ? placement.Replicas[0] : Array.Find(placement.Replicas, nodes.IsLive);
        if (!nodes.IsLive(candidate))
        {
            return type == Preferred
                ? Answer(partition, ErrorCode.PreferredLeaderNotAvailable, "The preferred leader was not available.")
                : Answer(
                    partition, ErrorCode.EligibleLeadersNotAvailable, "Eligible topic partition leaders are not available.");
        }

        elected[(topicName, partition)] = candidate;
        return Answer(partition, ErrorCode.None, null);
    }

    private static Result Answer(int partition, ErrorCode error, string? message) =>
        new() { PartitionId = partition, ErrorCode = (short)error, ErrorMessage = message };
}
