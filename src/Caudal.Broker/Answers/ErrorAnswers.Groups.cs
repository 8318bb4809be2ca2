using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Answers;

/// <content>The APIs of groups.</content>
internal static partial class ErrorAnswers
{
    /// <summary>JoinGroup: no member, no generation.</summary>
    public static JoinGroupResponse Fail(JoinGroupRequest request, short version, ErrorCode error) => new()
    {
        ErrorCode = (short)error,
        GenerationId = -1,
        MemberId = request.MemberId,
        // Null came with version 7.
        ProtocolName = version >= 7 ? null : "",
    };

    /// <summary>SyncGroup: no assignment.</summary>
    public static SyncGroupResponse Fail(SyncGroupRequest request, short version, ErrorCode error) => new() { ErrorCode = (short)error };

    /// <summary>Heartbeat.</summary>
    public static HeartbeatResponse Fail(HeartbeatRequest request, short version, ErrorCode error) => new() { ErrorCode = (short)error };

    /// <summary>LeaveGroup: the group's error; no member is told apart.</summary>
    public static LeaveGroupResponse Fail(LeaveGroupRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>OffsetCommit: every partition.</summary>
    public static OffsetCommitResponse Fail(OffsetCommitRequest request, short version, ErrorCode error) => new()
    {
        Topics = Array.ConvertAll(request.Topics, topic => new OffsetCommitResponse.OffsetCommitResponseTopic
        {
            Name = topic.Name,
            TopicId = topic.TopicId,
            Partitions = Array.ConvertAll(topic.Partitions, partition => new OffsetCommitResponse.OffsetCommitResponsePartition
            {
                PartitionIndex = partition.PartitionIndex,
                ErrorCode = (short)error,
            }),
        }),
    };

    /// <summary>OffsetFetch: every group from version 8 on, the group before; version 1 has partitions only.</summary>
    public static OffsetFetchResponse Fail(OffsetFetchRequest request, short version, ErrorCode error) => version >= 8
        ? new OffsetFetchResponse { Groups = Array.ConvertAll(request.Groups, group => Fail(group, error)) }
        : new OffsetFetchResponse
        {
            ErrorCode = (short)error,
            Topics = version >= 2 ? [] : Array.ConvertAll(request.Topics ?? [], topic => new OffsetFetchResponse.OffsetFetchResponseTopic
            {
                Name = topic.Name,
                Partitions = Array.ConvertAll(topic.PartitionIndexes, partition => new OffsetFetchResponse.OffsetFetchResponsePartition
                {
                    PartitionIndex = partition,
                    CommittedOffset = -1,
                    CommittedLeaderEpoch = -1,
                    Metadata = "",
                    ErrorCode = (short)error,
                }),
            }),
        };

    /// <summary>One group of an OffsetFetch.</summary>
    public static OffsetFetchResponse.OffsetFetchResponseGroup Fail(OffsetFetchRequest.OffsetFetchRequestGroup group, ErrorCode error) =>
        new() { GroupId = group.GroupId, ErrorCode = (short)error };

    /// <summary>DescribeGroups: every group.</summary>
    public static DescribeGroupsResponse Fail(DescribeGroupsRequest request, short version, ErrorCode error) =>
        new() { Groups = Array.ConvertAll(request.Groups, group => Fail(group, error)) };

    /// <summary>One group of a DescribeGroups.</summary>
    public static DescribeGroupsResponse.DescribedGroup Fail(string group, ErrorCode error) =>
        new() { GroupId = group, ErrorCode = (short)error };

    /// <summary>DeleteGroups: every group.</summary>
    public static DeleteGroupsResponse Fail(DeleteGroupsRequest request, short version, ErrorCode error) => new()
    {
        Results = Array.ConvertAll(request.GroupsNames, group => new DeleteGroupsResponse.DeletableGroupResult
        {
            GroupId = group,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>ListGroups.</summary>
    public static ListGroupsResponse Fail(ListGroupsRequest request, short version, ErrorCode error) => new() { ErrorCode = (short)error };

    /// <summary>OffsetDelete.</summary>
    public static OffsetDeleteResponse Fail(OffsetDeleteRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };
}
