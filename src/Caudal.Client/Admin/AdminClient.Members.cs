using Caudal.Client.Admin;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Members of groups, and single offsets of groups.</content>
public sealed partial class AdminClient
{
    /// <summary>Puts members out of a classic group: their partitions go to others at once. Running members join again.</summary>
    /// <param name="group">The group.</param>
    /// <param name="members">The members.</param>
    /// <param name="reason">Why, for the coordinator's log.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each member, e.g. UNKNOWN_MEMBER_ID; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<MemberToRemove, KafkaException?>> RemoveMembersAsync(
        string group,
        IEnumerable<MemberToRemove> members,
        string reason = "removed by an administrator",
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<MemberToRemove, bool>(_client, $"Removing from group '{group}' member", members);
        return call.RunForErrorsAsync(
            async token =>
            {
                var asked = call.Left.ToArray();
                var response = await SendToCoordinatorAsync<LeaveGroupRequest, LeaveGroupResponse>(
                    group,
                    version => version < 3
                        ? throw new UnsupportedVersionException("Removing members needs Apache Kafka 2.4 or later.")
                        : new LeaveGroupRequest
                        {
                            GroupId = group,
                            Members = [.. asked.Select(m => new LeaveGroupRequest.MemberIdentity
                            {
                                MemberId = m.MemberId,
                                GroupInstanceId = m.InstanceId,
                                Reason = reason,
                            })],
                        },
                    answer => (ErrorCode)answer.ErrorCode,
                    token).ConfigureAwait(false);
                var error = (ErrorCode)response.ErrorCode;
                foreach (var member in asked)
                {
                    var answer = Array.Find(response.Members, m => member.InstanceId is { } instance
                        ? m.GroupInstanceId == instance
                        : m.MemberId == member.MemberId);
                    call.Settle(member, error != ErrorCode.None ? error : (ErrorCode)(answer?.ErrorCode ?? 0), null, () => true);
                }
            },
            cancellationToken);
    }

    /// <summary>Forgets how far a group has come in partitions whose topics it does not read at the moment.</summary>
    /// <returns>What became of each partition, e.g. GROUP_SUBSCRIBED_TO_TOPIC; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<TopicPartition, KafkaException?>> DeleteGroupOffsetsAsync(
        string group,
        IEnumerable<TopicPartition> partitions,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<TopicPartition, bool>(_client, $"Deleting the offset of group '{group}' in", partitions);
        return call.RunForErrorsAsync(
            async token =>
            {
                var asked = call.Left.ToArray();
                var response = await SendToCoordinatorAsync<OffsetDeleteRequest, OffsetDeleteResponse>(
                    group,
                    _ => new OffsetDeleteRequest
                    {
                        GroupId = group,
                        Topics = [.. asked.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
                            topic => new OffsetDeleteRequest.OffsetDeleteRequestTopic
                            {
                                Name = topic.Key,
                                Partitions = [.. topic.Select(
                                    p => new OffsetDeleteRequest.OffsetDeleteRequestPartition { PartitionIndex = p.Partition })],
                            })],
                    },
                    answer => (ErrorCode)answer.ErrorCode,
                    token).ConfigureAwait(false);
                if ((ErrorCode)response.ErrorCode is var error and not ErrorCode.None)
                {
                    foreach (var partition in asked)
                        call.Fail(partition, error, null, partition.Topic, partition.Partition);
                    return;
                }

                foreach (var topic in response.Topics)
                {
                    foreach (var answer in topic.Partitions)
                    {
                        var partition = new TopicPartition(topic.Name, answer.PartitionIndex);
                        var code = (ErrorCode)answer.ErrorCode;
                        if (code == ErrorCode.UnknownTopicOrPartition)
                            call.Refuse(partition, code, null, topic.Name, answer.PartitionIndex);
                        else
                            call.Settle(partition, code, null, () => true, topic.Name, answer.PartitionIndex);
                    }
                }
            },
            cancellationToken);
    }
}
