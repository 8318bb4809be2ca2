using Caudal.Client.Admin;
using Caudal.Client.Metadata;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Topics.</content>
public sealed partial class AdminClient
{
    /// <summary>Creates topics.</summary>
    /// <param name="topics">The topics, each name once.</param>
    /// <param name="validateOnly">Only says whether it would work.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each topic, e.g. TOPIC_ALREADY_EXISTS.</returns>
    public ValueTask<IReadOnlyDictionary<string, AdminResult<CreatedTopic>>> CreateTopicsAsync(
        IEnumerable<NewTopic> topics,
        bool validateOnly = false,
        CancellationToken cancellationToken = default)
    {
        var byName = topics.ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        var call = new ItemCall<string, CreatedTopic>(_client, "Creating topic", byName.Keys);
        return call.RunAsync(
            async token =>
            {
                var request = new CreateTopicsRequest
                {
                    Topics = [.. call.Left.Select(name => Creatable(byName[name]))],
                    TimeoutMs = TimeoutMs,
                    ValidateOnly = validateOnly,
                };
                var response = await SendAsync<CreateTopicsRequest, CreateTopicsResponse>(
                    BrokerTarget.Controller, request, token).ConfigureAwait(false);
                foreach (var topic in response.Topics)
                {
                    call.Settle(topic.Name, (ErrorCode)topic.ErrorCode, topic.ErrorMessage,
                        () => new CreatedTopic(topic.Name, topic.TopicId, topic.NumPartitions, topic.ReplicationFactor), topic.Name);
                }
            },
            cancellationToken);
    }

    /// <summary>Deletes topics and all that they hold.</summary>
    /// <returns>What became of each topic; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<string, KafkaException?>> DeleteTopicsAsync(
        IEnumerable<string> topics,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<string, bool>(_client, "Deleting topic", topics);
        return call.RunForErrorsAsync(
            async token =>
            {
                var response = await _client.Router.SendAsync<DeleteTopicsRequest, DeleteTopicsResponse>(
                    BrokerTarget.Controller, version => Deletion(call.Left, version), default, token).ConfigureAwait(false);
                foreach (var topic in response.Responses)
                {
                    // A topic that is not there will not come; waiting as for a producer would only take time.
                    var code = (ErrorCode)topic.ErrorCode;
                    if (code == ErrorCode.UnknownTopicOrPartition)
                        call.Refuse(topic.Name!, code, topic.ErrorMessage, topic.Name);
                    else
                        call.Settle(topic.Name!, code, topic.ErrorMessage, () => true, topic.Name);
                    if (code == ErrorCode.None)
                        _client.Metadata.Forget(topic.Name!);
                }
            },
            cancellationToken);
    }

    /// <summary>Lists the cluster's topics in the order of their names.</summary>
    /// <param name="includeInternal">Whether topics of the brokers are listed too.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<IReadOnlyList<TopicListing>> ListTopicsAsync(
        bool includeInternal = false,
        CancellationToken cancellationToken = default)
    {
        var topics = await _client.Metadata.ListAllAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. topics.Where(topic => includeInternal || !topic.IsInternal)
                .OrderBy(topic => topic.Name, StringComparer.Ordinal)
                .Select(topic => new TopicListing(topic.Name, topic.Id, topic.Partitions.Length, topic.IsInternal)),
        ];
    }

    /// <summary>Describes topics and their partitions.</summary>
    /// <returns>What became of each topic, e.g. UNKNOWN_TOPIC_OR_PARTITION.</returns>
    public ValueTask<IReadOnlyDictionary<string, AdminResult<TopicDescription>>> DescribeTopicsAsync(
        IEnumerable<string> topics,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<string, TopicDescription>(_client, "Describing topic", topics);
        return call.RunAsync(
            async token =>
            {
                var request = new MetadataRequest
                {
                    Topics = [.. call.Left.Select(
                    name => new MetadataRequest.MetadataRequestTopic { Name = name })],
                    AllowAutoTopicCreation = false
                };
                var response = await SendAsync<MetadataRequest, MetadataResponse>(BrokerTarget.Any, request, token).ConfigureAwait(false);
                foreach (var answer in response.Topics)
                {
                    var topic = MetadataMerge.Convert(answer, 0);
                    if (topic.Error == ErrorCode.UnknownTopicOrPartition)
                        call.Refuse(topic.Name, topic.Error, null, topic.Name);
                    else
                        call.Settle(topic.Name, topic.Error, null, () => Describe(topic), topic.Name);
                }
            },
            cancellationToken);
    }

    /// <summary>Adds partitions to topics. Keys go to other partitions from then on.</summary>
    /// <param name="totals">How many partitions each topic is to have in all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each topic; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<string, KafkaException?>> CreatePartitionsAsync(
        IReadOnlyDictionary<string, int> totals,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<string, bool>(_client, "Adding partitions to", totals.Keys);
        return call.RunForErrorsAsync(
            async token =>
            {
                var request = new CreatePartitionsRequest
                {
                    Topics = [.. call.Left.Select(
                        name => new CreatePartitionsRequest.CreatePartitionsTopic
                        {
                            Name = name,
                            Count = totals[name],
                            Assignments = null,
                        })],
                    TimeoutMs = TimeoutMs,
                };
                var response = await SendAsync<CreatePartitionsRequest, CreatePartitionsResponse>(
                    BrokerTarget.Controller, request, token).ConfigureAwait(false);
                foreach (var topic in response.Results)
                {
                    if ((ErrorCode)topic.ErrorCode == ErrorCode.UnknownTopicOrPartition)
                        call.Refuse(topic.Name, ErrorCode.UnknownTopicOrPartition, topic.ErrorMessage, topic.Name);
                    else
                        call.Settle(topic.Name, (ErrorCode)topic.ErrorCode, topic.ErrorMessage, () => true, topic.Name);
                }

                _client.Metadata.RefreshInBackground(null);
            },
            cancellationToken);
    }

    private static CreateTopicsRequest.CreatableTopic Creatable(NewTopic topic) => new()
    {
        Name = topic.Name,
        NumPartitions = topic.Partitions,
        ReplicationFactor = topic.ReplicationFactor,
        Configs = [.. topic.Configs.Select(
            config => new CreateTopicsRequest.CreatableTopicConfig { Name = config.Key, Value = config.Value })],
    };

    private DeleteTopicsRequest Deletion(IReadOnlyCollection<string> topics, short version) => version >= 6
        ? new() { Topics = [.. topics.Select(name => new DeleteTopicsRequest.DeleteTopicState { Name = name })], TimeoutMs = TimeoutMs }
        : new() { TopicNames = [.. topics], TimeoutMs = TimeoutMs };

    private static TopicDescription Describe(TopicMetadata topic) => new(
        topic.Name,
        topic.Id,
        topic.IsInternal,
        [
            .. topic.Partitions.Select(partition => new PartitionDescription(
                partition.Partition, partition.LeaderId, partition.LeaderEpoch, partition.Replicas, partition.InSyncReplicas)),
        ]);
}
