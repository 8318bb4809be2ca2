using Caudal.Client.Admin;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Where partitions are kept, and who leads them.</content>
public sealed partial class AdminClient
{
    /// <summary>Describes the directories in which brokers keep their logs.</summary>
    /// <returns>The directories of each broker.</returns>
    public ValueTask<IReadOnlyDictionary<int, AdminResult<IReadOnlyList<LogDirDescription>>>> DescribeLogDirsAsync(
        IEnumerable<int> brokers,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<int, IReadOnlyList<LogDirDescription>>(_client, "Describing the log directories of broker", brokers);
        return call.RunAsync(
            async token =>
            {
                foreach (var broker in call.Left.ToArray())
                {
                    var response = await SendAsync<DescribeLogDirsRequest, DescribeLogDirsResponse>(
                        BrokerTarget.Node(broker), new DescribeLogDirsRequest { Topics = null }, token).ConfigureAwait(false);
                    call.Settle(broker, (ErrorCode)response.ErrorCode, null, () => [.. response.Results.Select(Describe)]);
                }
            },
            cancellationToken);
    }

    /// <summary>Elects leaders.</summary>
    /// <param name="type">How.</param>
    /// <param name="partitions">The partitions; null for all that need it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each partition, e.g. ELECTION_NOT_NEEDED; null for done.</returns>
    /// <exception cref="BrokerErrorException">The controller refuses the whole request.</exception>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, KafkaException?>> ElectLeadersAsync(
        ElectionType type,
        IEnumerable<TopicPartition>? partitions = null,
        CancellationToken cancellationToken = default)
    {
        var request = new ElectLeadersRequest
        {
            ElectionType = (sbyte)type,
            TimeoutMs = TimeoutMs,
            TopicPartitions = partitions is null ? null : [.. partitions.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
                topic => new ElectLeadersRequest.TopicPartitionsData
                {
                    Topic = topic.Key,
                    Partitions = [.. topic.Select(p => p.Partition)],
                })],
        };
        var response = await WholeAsync<ElectLeadersRequest, ElectLeadersResponse>(
            "Electing leaders", BrokerTarget.Controller, request, r => r.ErrorCode, null, cancellationToken).ConfigureAwait(false);
        _client.Metadata.RefreshInBackground(null);
        var results = new Dictionary<TopicPartition, KafkaException?>();
        foreach (var topic in response.ReplicaElectionResults)
        {
            foreach (var answer in topic.PartitionResult)
            {
                var partition = new TopicPartition(topic.Topic, answer.PartitionId);
                results[partition] = Error(answer.ErrorCode, answer.ErrorMessage, $"Electing a leader of {partition} failed", partition);
            }
        }

        return results;
    }

    /// <summary>
    /// Moves replicas to other brokers, which takes as long as copying them does: <see cref="ListReassignmentsAsync"/> tells.
    /// </summary>
    /// <param name="replicas">
    /// The brokers that are to keep each partition, the preferred leader first; null ends a move that is under way.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each partition, e.g. INVALID_REPLICA_ASSIGNMENT; null if the move has begun.</returns>
    public ValueTask<IReadOnlyDictionary<TopicPartition, KafkaException?>> AlterReassignmentsAsync(
        IReadOnlyDictionary<TopicPartition, IReadOnlyList<int>?> replicas,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(replicas);
        var call = new ItemCall<TopicPartition, bool>(_client, "Moving the replicas of", replicas.Keys);
        return call.RunForErrorsAsync(
            async token =>
            {
                var asked = call.Left.ToArray();
                var request = new AlterPartitionReassignmentsRequest
                {
                    TimeoutMs = TimeoutMs,
                    Topics = [.. asked.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
                        topic => new AlterPartitionReassignmentsRequest.ReassignableTopic
                        {
                            Name = topic.Key,
                            Partitions = [.. topic.Select(p => new AlterPartitionReassignmentsRequest.ReassignablePartition
                            {
                                PartitionIndex = p.Partition,
                                Replicas = replicas[p] is { } wanted ? [.. wanted] : null,
                            })],
                        })],
                };
                var response = await SendAsync<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(
                    BrokerTarget.Controller, request, token).ConfigureAwait(false);
                if ((ErrorCode)response.ErrorCode is var error and not ErrorCode.None)
                {
                    foreach (var partition in asked)
                        call.Fail(partition, error, response.ErrorMessage, partition.Topic, partition.Partition);
                    return;
                }

                foreach (var topic in response.Responses)
                {
                    foreach (var answer in topic.Partitions)
                    {
                        var partition = new TopicPartition(topic.Name, answer.PartitionIndex);
                        var code = (ErrorCode)answer.ErrorCode;
                        if (code == ErrorCode.UnknownTopicOrPartition)
                            call.Refuse(partition, code, answer.ErrorMessage, topic.Name, answer.PartitionIndex);
                        else
                            call.Settle(partition, code, answer.ErrorMessage, () => true, topic.Name, answer.PartitionIndex);
                    }
                }
            },
            cancellationToken);
    }

    /// <summary>Lists the partitions whose replicas are being moved.</summary>
    /// <exception cref="BrokerErrorException">The controller refuses to tell.</exception>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, ReassignmentDescription>> ListReassignmentsAsync(
        CancellationToken cancellationToken = default)
    {
        var response = await WholeAsync<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(
            "Listing moves of replicas", BrokerTarget.Controller,
            new ListPartitionReassignmentsRequest { TimeoutMs = TimeoutMs, Topics = null },
            r => r.ErrorCode, r => r.ErrorMessage, cancellationToken).ConfigureAwait(false);
        return response.Topics.SelectMany(topic => topic.Partitions.Select(p => (Key: new TopicPartition(topic.Name, p.PartitionIndex), p)))
            .ToDictionary(e => e.Key, e => new ReassignmentDescription(e.p.Replicas, e.p.AddingReplicas, e.p.RemovingReplicas));
    }

    private static LogDirDescription Describe(DescribeLogDirsResponse.DescribeLogDirsResult dir) => new(
        dir.LogDir,
        Error(dir.ErrorCode, null, $"The log directory {dir.LogDir} is not usable", null),
        dir.TotalBytes,
        dir.UsableBytes,
        [.. dir.Topics.SelectMany(topic => topic.Partitions.Select(p => new ReplicaDescription(
            new TopicPartition(topic.Name, p.PartitionIndex), p.PartitionSize, p.OffsetLag, p.IsFutureKey)))]);
}
