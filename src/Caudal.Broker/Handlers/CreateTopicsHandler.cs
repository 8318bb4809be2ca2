// CreateTopics (19), versions 0-7.
// * Partitions and replication factor -1 mean the broker's defaults, in every version (Kafka's clients send them from version 4 on only).
// * A replication factor above 1 is INVALID_REPLICATION_FACTOR: there is one broker. Assignments may name that broker only, for partitions
//   without gaps.
// * A name that appears twice is INVALID_REQUEST for its only answer; validateOnly creates nothing; what was created is visible to the next
//   request.
// * The response tells the topic's settings (version 5 and later) and id (version 7).
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Creates topics.</summary>
internal sealed class CreateTopicsHandler(BrokerIdentity identity, TopicRegistry topics, ConfigStore configs)
    : RequestHandler<CreateTopicsRequest, CreateTopicsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<CreateTopicsResponse?> HandleAsync(RequestContext context, CreateTopicsRequest request, Reply reply)
    {
        var results = new List<CreateTopicsResponse.CreatableTopicResult>(request.Topics.Length);
        foreach (var sameName in request.Topics.GroupBy(t => t.Name, StringComparer.Ordinal))
        {
            results.Add(sameName.Skip(1).Any()
                ? Refused(sameName.Key, ErrorCode.InvalidRequest, "Duplicate topic name.")
                : await CreateAsync(sameName.First(), request.ValidateOnly).ConfigureAwait(false));
        }

        return new CreateTopicsResponse { Topics = [.. results] };
    }

    private async ValueTask<CreateTopicsResponse.CreatableTopicResult> CreateAsync(
        CreateTopicsRequest.CreatableTopic asked, bool validateOnly)
    {
        if (CheckReplicas(asked) is var (error, message) && error != ErrorCode.None)
            return Refused(asked.Name, error, message);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var config in asked.Configs)
        {
            if (config.Value is null)
                return Refused(asked.Name, ErrorCode.InvalidConfig, $"Null value not supported for topic configs: {config.Name}");
            settings[config.Name] = config.Value;
        }

        var partitions = asked.Assignments.Length > 0 ? asked.Assignments.Length : asked.NumPartitions;
        var outcome = await topics.CreateAsync(asked.Name, partitions, settings, validateOnly).ConfigureAwait(false);
        if (outcome.Error != ErrorCode.None || outcome.Topic is not { } topic)
            return Refused(asked.Name, outcome.Error, outcome.Message);
        return new()
        {
            Name = topic.Name,
            TopicId = topic.Id,
            NumPartitions = topic.Partitions.Length,
            ReplicationFactor = 1,
            Configs = DescribeConfigs(topic),
        };
    }

    private (ErrorCode Error, string? Message) CheckReplicas(CreateTopicsRequest.CreatableTopic asked)
    {
        if (asked.Assignments.Length > 0)
        {
            if (asked.NumPartitions != -1)
                return (ErrorCode.InvalidRequest, "A manual partition assignment was specified, but numPartitions was not set to -1.");
            if (asked.ReplicationFactor != -1)
                return (ErrorCode.InvalidRequest, "A manual partition assignment was specified, but replication factor was not set to -1.");
            return CheckAssignments(asked.Assignments);
        }

        var factor = asked.ReplicationFactor == -1 ? configs.GetInt32("default.replication.factor") : asked.ReplicationFactor;
        if (factor < 1)
            return (ErrorCode.InvalidReplicationFactor, "Replication factor must be larger than 0, or -1 to use the default value.");
        return factor == 1
            ? (ErrorCode.None, null)
            : (ErrorCode.InvalidReplicationFactor,
                $"Unable to replicate the partition {factor} time(s): The target replication factor of {factor} cannot be reached "
                + "because only 1 broker(s) are registered.");
    }

    private (ErrorCode Error, string? Message) CheckAssignments(CreateTopicsRequest.CreatableReplicaAssignment[] assignments)
    {
        var seen = new bool[assignments.Length];
        foreach (var assignment in assignments)
        {
            if ((uint)assignment.PartitionIndex >= (uint)seen.Length || seen[assignment.PartitionIndex])
                return (ErrorCode.InvalidReplicaAssignment, "The manual assignment must number its partitions from 0 without gaps.");
            seen[assignment.PartitionIndex] = true;
            if (assignment.BrokerIds.Length != 1 || assignment.BrokerIds[0] != identity.NodeId)
            {
                return (ErrorCode.InvalidReplicaAssignment,
                    $"The manual assignment of partition {assignment.PartitionIndex} names [{string.Join(", ", assignment.BrokerIds)}], "
                    + $"but the only broker is {identity.NodeId}.");
            }
        }

        return (ErrorCode.None, null);
    }

    private CreateTopicsResponse.CreatableTopicConfigs[] DescribeConfigs(Topic topic) => Array.ConvertAll(TopicConfigs.All, definition =>
    {
        var (value, source) = configs.Resolve(definition, topic.Configs);
        return new CreateTopicsResponse.CreatableTopicConfigs { Name = definition.Name, Value = value, ConfigSource = (sbyte)source };
    });

    private static CreateTopicsResponse.CreatableTopicResult Refused(string name, ErrorCode error, string? message) =>
        new() { Name = name, ErrorCode = (short)error, ErrorMessage = message, Configs = [] };
}
