using Caudal.Client.Admin;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Offsets of partitions.</content>
public sealed partial class AdminClient
{
    /// <summary>Finds offsets: the first, the next, or by time.</summary>
    /// <param name="partitions">What is asked of each partition.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each partition.</returns>
    public ValueTask<IReadOnlyDictionary<TopicPartition, AdminResult<OffsetListing>>> ListOffsetsAsync(
        IReadOnlyDictionary<TopicPartition, OffsetSpec> partitions,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<TopicPartition, OffsetListing>(_client, "Finding an offset of", partitions.Keys);
        return call.RunAsync(
            async token =>
            {
                foreach (var (leader, group) in await ByLeaderAsync(call, token).ConfigureAwait(false))
                {
                    var response = await SendAsync<ListOffsetsRequest, ListOffsetsResponse>(
                        BrokerTarget.Node(leader), OffsetQuery(group, partitions), token).ConfigureAwait(false);
                    foreach (var topic in response.Topics)
                    {
                        foreach (var answer in topic.Partitions)
                            call.Settle(
                                new TopicPartition(topic.Name, answer.PartitionIndex),
                                (ErrorCode)answer.ErrorCode,
                                null,
                                () => Listing(answer),
                                topic.Name,
                                answer.PartitionIndex);
                    }
                }
            },
            cancellationToken);
    }

    private async ValueTask<Dictionary<int, List<TopicPartition>>> ByLeaderAsync<T>(
        ItemCall<TopicPartition, T> call,
        CancellationToken cancellationToken)
    {
        var topics = call.Left.Select(partition => partition.Topic).Distinct().ToArray();
        await _client.Metadata.RefreshAsync(topics, cancellationToken).ConfigureAwait(false);
        var known = _client.Metadata.Current;
        var byLeader = new Dictionary<int, List<TopicPartition>>();
        foreach (var partition in call.Left.ToArray())
        {
            if (known.Partition(partition.Topic, partition.Partition) is not { } metadata)
            {
                call.Refuse(partition, ErrorCode.UnknownTopicOrPartition, null, partition.Topic, partition.Partition);
                continue;
            }

            if (metadata.LeaderId < 0)
            {
                call.Fail(partition, ErrorCode.LeaderNotAvailable, null, partition.Topic, partition.Partition);
                continue;
            }

            if (!byLeader.TryGetValue(metadata.LeaderId, out var group))
                byLeader[metadata.LeaderId] = group = [];
            group.Add(partition);
        }

        return byLeader;
    }

    private ListOffsetsRequest OffsetQuery(List<TopicPartition> group, IReadOnlyDictionary<TopicPartition, OffsetSpec> partitions) => new()
    {
        ReplicaId = -1,
        TimeoutMs = TimeoutMs,
        Topics =
        [
            .. group.GroupBy(partition => partition.Topic, StringComparer.Ordinal).Select(topic => new ListOffsetsRequest.ListOffsetsTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(
                    partition => new ListOffsetsRequest.ListOffsetsPartition
                    {
                        PartitionIndex = partition.Partition,
                        Timestamp = partitions[partition].Timestamp,
                    })],
            }),
        ],
    };

    private static OffsetListing Listing(ListOffsetsResponse.ListOffsetsPartitionResponse answer) => new(
        answer.Offset,
        answer.Timestamp >= 0 ? DateTimeOffset.FromUnixTimeMilliseconds(answer.Timestamp) : null,
        answer.LeaderEpoch);
}
