// AlterPartitionReassignments (45), versions 0-1.
// * A partition is on its new nodes when the request is answered: the nodes have one log between them, there is nothing to copy. So none is
//   ever under way: cancelling (replicas null) is NO_REASSIGNMENT_IN_PROGRESS.
// * The leader stays if it is among the new replicas; else the first that is up leads under a new epoch.
// * Nodes that do not exist, twice the same, none, or none that is up: INVALID_REPLICA_ASSIGNMENT. Another number of replicas when the
//   request forbids it (version 1): INVALID_REPLICATION_FACTOR.
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Asked = Caudal.Protocol.Messages.AlterPartitionReassignmentsRequest.ReassignablePartition;
using Result = Caudal.Protocol.Messages.AlterPartitionReassignmentsResponse.ReassignablePartitionResponse;

namespace Caudal.Broker.Handlers;

/// <summary>Moves partitions to other nodes.</summary>
internal sealed class AlterPartitionReassignmentsHandler(ClusterNodes nodes, TopicRegistry topics)
    : RequestHandler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<AlterPartitionReassignmentsResponse?> HandleAsync(
        RequestContext context, AlterPartitionReassignmentsRequest request, Reply reply)
    {
        var moves = new Dictionary<(string Topic, int Partition), int[]>();
        var responses = Array.ConvertAll(
            request.Topics, topic => new AlterPartitionReassignmentsResponse.ReassignableTopicResponse
            {
                Name = topic.Name,
                Partitions = Array.ConvertAll(
                    topic.Partitions, partition => Plan(topic.Name, partition, request.AllowReplicationFactorChange, moves)),
            });
        await topics.PlaceAsync(
            () => moves.Keys.Select(p => p.Topic).Distinct().Select(name => topics.TryGet(name, out var t) ? t : null).OfType<Topic>(),
            (topic, partition, present) =>
                moves.TryGetValue((topic.Name, partition), out var replicas) ? present.MovedTo(replicas, nodes) : present)
            .ConfigureAwait(false);
        return new AlterPartitionReassignmentsResponse
        {
            AllowReplicationFactorChange = request.AllowReplicationFactorChange,
            Responses = responses,
        };
    }

    private Result Plan(string topicName, Asked asked, bool mayChangeFactor, Dictionary<(string, int), int[]> moves)
    {
        if (!topics.TryGet(topicName, out var topic))
            return Refuse(asked, ErrorCode.UnknownTopicOrPartition, $"Unable to find a topic named {topicName}.");
        if (topic.Partition(asked.PartitionIndex) is null)
            return Refuse(asked, ErrorCode.UnknownTopicOrPartition, $"Unable to find partition {topicName}:{asked.PartitionIndex}.");
        if (asked.Replicas is not { } replicas)
            return Refuse(asked, ErrorCode.NoReassignmentInProgress, "No partition reassignment is in progress.");
        if (topics.AssignmentFault(replicas) is { } fault)
            return Refuse(asked, ErrorCode.InvalidReplicaAssignment, fault);
        var present = topic.Placement(asked.PartitionIndex).Replicas.Length;
        if (!mayChangeFactor && replicas.Length != present)
        {
            return Refuse(
                asked, ErrorCode.InvalidReplicationFactor, $"The replication factor is changed from {present} to {replicas.Length}");
        }

        moves[(topicName, asked.PartitionIndex)] = replicas;
        return new Result { PartitionIndex = asked.PartitionIndex };
    }

    private static Result Refuse(Asked asked, ErrorCode error, string message) =>
        new() { PartitionIndex = asked.PartitionIndex, ErrorCode = (short)error, ErrorMessage = message };
}
