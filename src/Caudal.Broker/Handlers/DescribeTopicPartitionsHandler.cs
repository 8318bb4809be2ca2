// DescribeTopicPartitions (75), version 0.
// * Topics in the order of their names, all if none is named; a cursor goes on with a topic's partition. Topics that do not exist are
//   errors of their own, and never created.
// * At most as many partitions as the request and max.request.partition.size.limit allow; then the answer names where to go on.
// * All replicas are in sync: no replica is eligible to lead besides them.
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Answer = Caudal.Protocol.Messages.DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic;
using Partition = Caudal.Protocol.Messages.DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition;

namespace Caudal.Broker.Handlers;

/// <summary>Describes topics page by page.</summary>
internal sealed class DescribeTopicPartitionsHandler(TopicRegistry topics, MetadataHandler metadata, ConfigStore configs)
    : RequestHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>
{
    private readonly int _limit = configs.GetInt32("max.request.partition.size.limit");

    /// <inheritdoc/>
    protected override ValueTask<DescribeTopicPartitionsResponse?> HandleAsync(
        RequestContext context, DescribeTopicPartitionsRequest request, Reply reply)
    {
        var cursor = request.Cursor;
        var names = request.Topics.Length > 0
            ? request.Topics.Select(static t => t.Name).Distinct()
            : topics.All.Select(static t => t.Name);
        var left = Math.Max(1, Math.Min(request.ResponsePartitionLimit, _limit));
        var response = new DescribeTopicPartitionsResponse();
        var answers = new List<Answer>();
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var place = cursor is null ? 1 : string.CompareOrdinal(name, cursor.TopicName);
            if (place < 0)
                continue;
            var first = place == 0 ? Math.Max(cursor!.PartitionIndex, 0) : 0;
            if (left == 0)
            {
                response.NextCursor = new() { TopicName = name, PartitionIndex = first };
                break;
            }

            var answer = Describe(name);
            var rest = Math.Max(answer.Partitions.Length - first, 0);
            answer.Partitions = answer.Partitions[Math.Min(first, answer.Partitions.Length)..][..Math.Min(rest, left)];
            left -= answer.Partitions.Length;
            answers.Add(answer);
            if (answer.Partitions.Length == rest)
                continue;
            response.NextCursor = new() { TopicName = name, PartitionIndex = first + answer.Partitions.Length };
            break;
        }

        response.Topics = [.. answers];
        return new(response);
    }

    private Answer Describe(string name)
    {
        if (!topics.TryGet(name, out var topic))
        {
            var error = TopicNames.Fault(name) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopicException;
            return new Answer { Name = name, ErrorCode = (short)error, IsInternal = TopicNames.IsInternal(name) };
        }

        var described = metadata.Describe(topic, operations: true);
        return new Answer
        {
            Name = name,
            TopicId = topic.Id,
            IsInternal = topic.IsInternal,
            Partitions = Array.ConvertAll(described.Partitions, static p => new Partition
            {
                ErrorCode = p.ErrorCode,
                PartitionIndex = p.PartitionIndex,
                LeaderId = p.LeaderId,
                LeaderEpoch = p.LeaderEpoch,
                ReplicaNodes = p.ReplicaNodes,
                IsrNodes = p.IsrNodes,
                EligibleLeaderReplicas = [],
                LastKnownElr = [],
                OfflineReplicas = p.OfflineReplicas,
            }),
            TopicAuthorizedOperations = described.TopicAuthorizedOperations,
        };
    }
}
