using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Answers;

/// <content>The APIs that the protocol knows and that are not served yet.</content>
internal static partial class ErrorAnswers
{
    /// <summary>CreateDelegationToken.</summary>
    public static CreateDelegationTokenResponse Fail(CreateDelegationTokenRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error, IssueTimestampMs = -1, ExpiryTimestampMs = -1, MaxTimestampMs = -1 };

    /// <summary>UnregisterBroker.</summary>
    public static UnregisterBrokerResponse Fail(UnregisterBrokerRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>ConsumerGroupHeartbeat.</summary>
    public static ConsumerGroupHeartbeatResponse Fail(ConsumerGroupHeartbeatRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>ConsumerGroupDescribe: every group.</summary>
    public static ConsumerGroupDescribeResponse Fail(ConsumerGroupDescribeRequest request, short version, ErrorCode error) => new()
    {
        Groups = Array.ConvertAll(request.GroupIds, group => new ConsumerGroupDescribeResponse.DescribedGroup
        {
            GroupId = group,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>GetTelemetrySubscriptions.</summary>
    public static GetTelemetrySubscriptionsResponse Fail(GetTelemetrySubscriptionsRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>PushTelemetry.</summary>
    public static PushTelemetryResponse Fail(PushTelemetryRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>ShareGroupHeartbeat.</summary>
    public static ShareGroupHeartbeatResponse Fail(ShareGroupHeartbeatRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>ShareGroupDescribe: every group.</summary>
    public static ShareGroupDescribeResponse Fail(ShareGroupDescribeRequest request, short version, ErrorCode error) => new()
    {
        Groups = Array.ConvertAll(request.GroupIds, group => new ShareGroupDescribeResponse.DescribedGroup
        {
            GroupId = group,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>ShareFetch.</summary>
    public static ShareFetchResponse Fail(ShareFetchRequest request, short version, ErrorCode error) => new() { ErrorCode = (short)error };

    /// <summary>ShareAcknowledge.</summary>
    public static ShareAcknowledgeResponse Fail(ShareAcknowledgeRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>AddRaftVoter.</summary>
    public static AddRaftVoterResponse Fail(AddRaftVoterRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>RemoveRaftVoter.</summary>
    public static RemoveRaftVoterResponse Fail(RemoveRaftVoterRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>StreamsGroupHeartbeat.</summary>
    public static StreamsGroupHeartbeatResponse Fail(StreamsGroupHeartbeatRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>StreamsGroupDescribe: every group.</summary>
    public static StreamsGroupDescribeResponse Fail(StreamsGroupDescribeRequest request, short version, ErrorCode error) => new()
    {
        Groups = Array.ConvertAll(request.GroupIds, group => new StreamsGroupDescribeResponse.DescribedGroup
        {
            GroupId = group,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>DescribeShareGroupOffsets: every group.</summary>
    public static DescribeShareGroupOffsetsResponse Fail(DescribeShareGroupOffsetsRequest request, short version, ErrorCode error) => new()
    {
        Groups = Array.ConvertAll(
            request.Groups, group => new DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup
            {
                GroupId = group.GroupId,
                ErrorCode = (short)error,
            }),
    };

    /// <summary>AlterShareGroupOffsets.</summary>
    public static AlterShareGroupOffsetsResponse Fail(AlterShareGroupOffsetsRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>DeleteShareGroupOffsets.</summary>
    public static DeleteShareGroupOffsetsResponse Fail(DeleteShareGroupOffsetsRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };
}
