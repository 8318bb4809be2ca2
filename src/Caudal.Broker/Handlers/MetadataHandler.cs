// Metadata (3), versions 0-13.
// * All topics: null, or in version 0 an empty list. They never create anything.
// * A topic that does not exist is created when the broker does so (auto.create.topics.enable) and the request allows it (always before
//   version 4); the answer already describes it, where Kafka answers UNKNOWN_TOPIC_OR_PARTITION once and creates meanwhile.
// * By id (version 12 and later): an id that is not known gives UNKNOWN_TOPIC_ID.
// * Nodes that are up are named by the addresses of the listeners used. A partition whose replicas are all stopped has no leader:
//   LEADER_NOT_AVAILABLE.
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Describes the cluster and its topics.</summary>
internal sealed class MetadataHandler(
    BrokerIdentity identity, ClusterNodes nodes, TopicRegistry topics, InternalTopics internalTopics, ConfigStore configs)
    : RequestHandler<MetadataRequest, MetadataResponse>
{
    private readonly bool _autoCreate = configs.GetBoolean("auto.create.topics.enable");

    /// <inheritdoc/>
    protected override async ValueTask<MetadataResponse?> HandleAsync(RequestContext context, MetadataRequest request, Reply reply)
    {
        var version = context.ApiVersion;
        var all = request.Topics is null || (version == 0 && request.Topics.Length == 0);
        MetadataResponse.MetadataResponseTopic[] described;
        if (all)
        {
            var sorted = topics.All.OrderBy(t => t.Name, StringComparer.Ordinal);
            described = [.. sorted.Select(t => Describe(t, request.IncludeTopicAuthorizedOperations))];
        }
        else
        {
            described = new MetadataResponse.MetadataResponseTopic[request.Topics!.Length];
            for (var i = 0; i < described.Length; i++)
                described[i] = await DescribeAsync(request.Topics[i], request, version).ConfigureAwait(false);
        }

        return new MetadataResponse
        {
            Brokers = [.. nodes.Live.Select(node => new MetadataResponse.MetadataResponseBroker
            {
                NodeId = node.Id,
                Host = node.Endpoint.Host,
                Port = node.Endpoint.Port,
                Rack = node.Rack,
            })],
            ClusterId = identity.ClusterId,
            ControllerId = nodes.ControllerId,
            Topics = described,
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? Operations.Cluster : int.MinValue,
        };
    }

    private async ValueTask<MetadataResponse.MetadataResponseTopic> DescribeAsync(
        MetadataRequest.MetadataRequestTopic asked, MetadataRequest request, short version)
    {
        if (asked.TopicId != Uuid.Zero && (version >= 12 || asked.Name is null))
        {
            return topics.TryGet(asked.TopicId, out var byId)
                ? Describe(byId, request.IncludeTopicAuthorizedOperations)
                : Missing(ErrorCode.UnknownTopicId, version >= 12 ? null : "", asked.TopicId);
        }

        var name = asked.Name ?? "";
        if (topics.TryGet(name, out var topic))
            return Describe(topic, request.IncludeTopicAuthorizedOperations);
        if (TopicNames.Fault(name) is not null)
            return Missing(ErrorCode.InvalidTopicException, name, Uuid.Zero);
        if (!_autoCreate || (version >= 4 && !request.AllowAutoTopicCreation))
            return Missing(ErrorCode.UnknownTopicOrPartition, name, Uuid.Zero);
        var outcome = await internalTopics.AutoCreateAsync(name).ConfigureAwait(false);
        return outcome.Topic is { } created
            ? Describe(created, request.IncludeTopicAuthorizedOperations)
            : Missing(outcome.Error, name, Uuid.Zero);
    }

    /// <summary>Describes a topic and its partitions.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="operations">Whether to tell what may be done to it.</param>
    public MetadataResponse.MetadataResponseTopic Describe(Topic topic, bool operations)
    {
        var logs = topic.Partitions;
        var partitions = new MetadataResponse.MetadataResponsePartition[logs.Length];
        for (var i = 0; i < logs.Length; i++)
        {
            var placement = topic.Placement(i);
            partitions[i] = new()
            {
                ErrorCode = placement.Leader == PartitionPlacement.NoLeader ? (short)ErrorCode.LeaderNotAvailable : (short)0,
                PartitionIndex = i,
                LeaderId = placement.Leader,
                LeaderEpoch = logs[i].LeaderEpoch,
                ReplicaNodes = placement.Replicas,
                IsrNodes = placement.Isr,
                OfflineReplicas = nodes.Offline(placement.Replicas),
            };
        }

        return new()
        {
            Name = topic.Name,
            TopicId = topic.Id,
            IsInternal = topic.IsInternal,
            Partitions = partitions,
            TopicAuthorizedOperations = operations ? Operations.Topic : int.MinValue,
        };
    }

    private static MetadataResponse.MetadataResponseTopic Missing(ErrorCode error, string? name, Uuid id) => new()
    {
        ErrorCode = (short)error,
        Name = name,
        TopicId = id,
        IsInternal = name is not null && TopicNames.IsInternal(name),
    };
}
