// CreateTopics (19), versions 0-7.
// * Partitions and replication factor -1 mean the broker's defaults, in every version (Kafka's clients send them from version 4 on only).
// * A replication factor above the number of nodes is INVALID_REPLICATION_FACTOR. Assignments number their partitions without gaps and name
//   nodes that exist (INVALID_REPLICA_ASSIGNMENT).
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
internal sealed class CreateTopicsHandler(TopicRegistry topics, ConfigStore configs)
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
        if (CheckAssignments(asked) is var (error, message) && error != ErrorCode.None)
            return Refused(asked.Name, error, message);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var config in asked.Configs)
        {
            if (config.Value is null)
                return Refused(asked.Name, ErrorCode.InvalidConfig, $"Null value not supported for topic configs: {config.Name}");
            settings[config.Name] = config.Value;
        }

        int[][]? assignments = asked.Assignments.Length == 0 ? null
            : [.. asked.Assignments.OrderBy(a => a.PartitionIndex).Select(a => a.BrokerIds)];
        var outcome = await topics
            .CreateAsync(
                asked.Name, assignments?.Length ?? asked.NumPartitions, settings, validateOnly, asked.ReplicationFactor, assignments)
            .ConfigureAwait(false);
        if (outcome.Error != ErrorCode.None || outcome.Topic is not { } topic)
            return Refused(asked.Name, outcome.Error, outcome.Message);
        return new()
        {
            Name = topic.Name,
            TopicId = topic.Id,
            NumPartitions = topic.Partitions.Length,
            ReplicationFactor = (short)outcome.ReplicationFactor,
            Configs = DescribeConfigs(topic),
        };
    }

    private static (ErrorCode Error, string? Message) CheckAssignments(CreateTopicsRequest.CreatableTopic asked)
    {
        var assignments = asked.Assignments;
        if (assignments.Length == 0)
            return (ErrorCode.None, null);
        if (asked.NumPartitions != -1)
            return (ErrorCode.InvalidRequest, "A manual partition assignment was specified, but numPartitions was not set to -1.");
        if (asked.ReplicationFactor != -1)
            return (ErrorCode.InvalidRequest, "A manual partition assignment was specified, but replication factor was not set to -1.");
        var seen = new bool[assignments.Length];
        foreach (var assignment in assignments)
        {
            if ((uint)assignment.PartitionIndex >= (uint)seen.Length || seen[assignment.PartitionIndex])
                return (ErrorCode.InvalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence");
            seen[assignment.PartitionIndex] = true;
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
