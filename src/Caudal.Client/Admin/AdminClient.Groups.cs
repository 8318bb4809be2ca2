using Caudal.Client.Admin;
using Caudal.Client.Groups;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Groups and their offsets.</content>
public sealed partial class AdminClient
{
    // Of fetching and committing offsets; later versions name topics by ids, which a group may outlive.
    private const short LastVersionWithNames = 9;

    /// <summary>Lists the groups that the brokers coordinate, in the order of their names.</summary>
    /// <exception cref="BrokerErrorException">A broker refuses to tell.</exception>
    public async ValueTask<IReadOnlyList<GroupListing>> ListGroupsAsync(CancellationToken cancellationToken = default)
    {
        await _client.Metadata.RefreshAsync(null, cancellationToken).ConfigureAwait(false);
        var call = new ItemCall<int, List<GroupListing>>(
            _client, "Listing the groups of broker", _client.Metadata.Current.Brokers.Select(broker => broker.Id));
        var results = await call.RunAsync(
            async token =>
            {
                foreach (var broker in call.Left.ToArray())
                {
                    var response = await SendAsync<ListGroupsRequest, ListGroupsResponse>(
                        BrokerTarget.Node(broker), new ListGroupsRequest(), token).ConfigureAwait(false);
                    call.Settle(
                        broker,
                        (ErrorCode)response.ErrorCode,
                        null,
                        () => [.. response.Groups.Select(
                            group => new GroupListing(group.GroupId, group.ProtocolType, group.GroupState, group.GroupType))]);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return [.. results.Values.SelectMany(result => result.GetOrThrow()).OrderBy(group => group.GroupId, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Describes classic groups and their members. Brokers before Kafka 4.0 describe a group that does not exist as <c>Dead</c>.
    /// </summary>
    /// <returns>What became of each group, e.g. GROUP_ID_NOT_FOUND.</returns>
    public ValueTask<IReadOnlyDictionary<string, AdminResult<GroupDescription>>> DescribeGroupsAsync(
        IEnumerable<string> groups,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<string, GroupDescription>(_client, "Describing group", groups);
        return call.RunAsync(
            async token =>
            {
                foreach (var group in call.Left.ToArray())
                {
                    var coordinator = await _client.Coordinators.FindAsync(group, token).ConfigureAwait(false);
                    var response = await SendToCoordinatorAsync<DescribeGroupsRequest, DescribeGroupsResponse>(
                        group,
                        _ => new DescribeGroupsRequest { Groups = [group] },
                        answer => (ErrorCode)answer.Groups[0].ErrorCode,
                        token).ConfigureAwait(false);
                    var described = response.Groups[0];
                    call.Settle(
                        group, (ErrorCode)described.ErrorCode, described.ErrorMessage, () => Describe(described, coordinator.Address.Id));
                }
            },
            cancellationToken);
    }

    /// <summary>Deletes groups that have no members, and the offsets that they committed.</summary>
    /// <returns>What became of each group, e.g. NON_EMPTY_GROUP; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<string, KafkaException?>> DeleteGroupsAsync(
        IEnumerable<string> groups,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<string, bool>(_client, "Deleting group", groups);
        return call.RunForErrorsAsync(
            async token =>
            {
                foreach (var group in call.Left.ToArray())
                {
                    var response = await SendToCoordinatorAsync<DeleteGroupsRequest, DeleteGroupsResponse>(
                        group,
                        _ => new DeleteGroupsRequest { GroupsNames = [group] },
                        answer => (ErrorCode)answer.Results[0].ErrorCode,
                        token).ConfigureAwait(false);
                    call.Settle(group, (ErrorCode)response.Results[0].ErrorCode, null, () => true);
                }
            },
            cancellationToken);
    }

    /// <summary>Tells how far a group has come: the offsets that it committed.</summary>
    /// <returns>The committed partitions; empty for a group that does not exist.</returns>
    /// <exception cref="BrokerErrorException">The coordinator refuses to tell.</exception>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, GroupOffset>> ListGroupOffsetsAsync(
        string group,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<string, IReadOnlyDictionary<TopicPartition, GroupOffset>>(_client, "Listing the offsets of group", [group]);
        var results = await call.RunAsync(
            async token =>
            {
                var response = await SendToCoordinatorAsync<OffsetFetchRequest, OffsetFetchResponse>(
                    group, version => OffsetQuery(group, version), OffsetError, token, LastVersionWithNames).ConfigureAwait(false);
                call.Settle(group, OffsetError(response), null, () => Offsets(response));
            },
            cancellationToken).ConfigureAwait(false);
        return results[group].GetOrThrow();
    }

    /// <summary>Says where a group that has no members is to go on.</summary>
    /// <param name="group">The group; it is made if it does not exist.</param>
    /// <param name="offsets">The next offset that it will read, by partition.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each partition, e.g. UNKNOWN_MEMBER_ID while the group has members; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<TopicPartition, KafkaException?>> AlterGroupOffsetsAsync(
        string group,
        IReadOnlyDictionary<TopicPartition, GroupOffset> offsets,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<TopicPartition, bool>(_client, $"Setting the offset of group '{group}' in", offsets.Keys);
        return call.RunForErrorsAsync(
            async token =>
            {
                var response = await SendToCoordinatorAsync<OffsetCommitRequest, OffsetCommitResponse>(
                    group,
                    _ => Commit(group, call.Left, offsets),
                    answer => (ErrorCode)(answer.Topics.SelectMany(topic => topic.Partitions).FirstOrDefault()?.ErrorCode ?? 0),
                    token,
                    LastVersionWithNames).ConfigureAwait(false);
                foreach (var topic in response.Topics)
                {
                    foreach (var partition in topic.Partitions)
                        call.Settle(
                            new TopicPartition(topic.Name, partition.PartitionIndex),
                            (ErrorCode)partition.ErrorCode,
                            null,
                            () => true,
                            topic.Name,
                            partition.PartitionIndex);
                }
            },
            cancellationToken);
    }

    private static GroupDescription Describe(DescribeGroupsResponse.DescribedGroup group, int coordinator) => new(
        group.GroupId,
        group.GroupState,
        group.ProtocolType,
        group.ProtocolData,
        coordinator,
        [
            .. group.Members.Select(member => new GroupMemberDescription(
                member.MemberId,
                member.GroupInstanceId,
                member.ClientId,
                member.ClientHost,
                group.ProtocolType == ConsumerProtocol.Type ? ConsumerProtocol.ReadAssignment(member.MemberAssignment) : [])),
        ]);

    private static OffsetFetchRequest OffsetQuery(string group, short version) => version >= 8
        ? new() { Groups = [new() { GroupId = group, Topics = null }] }
        : new() { GroupId = group, Topics = null };

    private static ErrorCode OffsetError(OffsetFetchResponse response) =>
        (ErrorCode)(response.Groups is [var first, ..] ? first.ErrorCode : response.ErrorCode);

    private static Dictionary<TopicPartition, GroupOffset> Offsets(OffsetFetchResponse response)
    {
        var offsets = new Dictionary<TopicPartition, GroupOffset>();
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
                Add(
                    topic.Name,
                    partition.PartitionIndex,
                    partition.CommittedOffset,
                    partition.CommittedLeaderEpoch,
                    partition.Metadata,
                    partition.ErrorCode);
        }

        foreach (var topic in response.Groups.SelectMany(group => group.Topics))
        {
            foreach (var partition in topic.Partitions)
                Add(
                    topic.Name,
                    partition.PartitionIndex,
                    partition.CommittedOffset,
                    partition.CommittedLeaderEpoch,
                    partition.Metadata,
                    partition.ErrorCode);
        }

        return offsets;

        void Add(string topic, int partition, long offset, int epoch, string? metadata, short error)
        {
            if (error == 0 && offset >= 0)
                offsets[new TopicPartition(topic, partition)] = new GroupOffset(offset, epoch, metadata ?? "");
        }
    }

    private static OffsetCommitRequest Commit(
        string group,
        IReadOnlyCollection<TopicPartition> partitions,
        IReadOnlyDictionary<TopicPartition, GroupOffset> offsets) => new()
        {
            GroupId = group,
            MemberId = "",
            Topics =
        [
            .. partitions.GroupBy(partition => partition.Topic, StringComparer.Ordinal).Select(
                topic => new OffsetCommitRequest.OffsetCommitRequestTopic
                {
                    Name = topic.Key,
                    Partitions =
                    [
                        .. topic.Select(partition => new OffsetCommitRequest.OffsetCommitRequestPartition
                        {
                            PartitionIndex = partition.Partition,
                            CommittedOffset = offsets[partition].Offset,
                            CommittedLeaderEpoch = offsets[partition].LeaderEpoch,
                            CommittedMetadata = offsets[partition].Metadata,
                        }),
                    ],
                }),
        ],
        };
}
