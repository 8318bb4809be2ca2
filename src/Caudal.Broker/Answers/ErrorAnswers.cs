using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Answers;

/// <summary>
/// How each API says that a request failed as a whole: in a field of its own where it has one, else in every part that was asked for.
/// </summary>
/// <remarks>
/// The answers are well-formed in every version: they hold an entry for each topic, partition, group or resource of the request.
/// </remarks>
internal static partial class ErrorAnswers
{
    private static readonly Dictionary<ApiKey, ErrorAnswer> ByKey = new()
    {
        [ApiKey.Produce] = new ErrorAnswer<ProduceRequest, ProduceResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.Fetch] = new ErrorAnswer<FetchRequest, FetchResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.ListOffsets] =
            new ErrorAnswer<ListOffsetsRequest, ListOffsetsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.Metadata] = new ErrorAnswer<MetadataRequest, MetadataResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.OffsetCommit] =
            new ErrorAnswer<OffsetCommitRequest, OffsetCommitResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.OffsetFetch] = new ErrorAnswer<OffsetFetchRequest, OffsetFetchResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.FindCoordinator] =
            new ErrorAnswer<FindCoordinatorRequest, FindCoordinatorResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.JoinGroup] = new ErrorAnswer<JoinGroupRequest, JoinGroupResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.Heartbeat] = new ErrorAnswer<HeartbeatRequest, HeartbeatResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.LeaveGroup] = new ErrorAnswer<LeaveGroupRequest, LeaveGroupResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.SyncGroup] = new ErrorAnswer<SyncGroupRequest, SyncGroupResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeGroups] =
            new ErrorAnswer<DescribeGroupsRequest, DescribeGroupsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ListGroups] = new ErrorAnswer<ListGroupsRequest, ListGroupsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.SaslHandshake] = new ErrorAnswer<SaslHandshakeRequest, SaslHandshakeResponse>(Fail, static (_, _) => { }),
        [ApiKey.ApiVersions] = new ErrorAnswer<ApiVersionsRequest, ApiVersionsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.CreateTopics] =
            new ErrorAnswer<CreateTopicsRequest, CreateTopicsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.DeleteTopics] =
            new ErrorAnswer<DeleteTopicsRequest, DeleteTopicsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.DeleteRecords] =
            new ErrorAnswer<DeleteRecordsRequest, DeleteRecordsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.InitProducerId] =
            new ErrorAnswer<InitProducerIdRequest, InitProducerIdResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.OffsetForLeaderEpoch] = new ErrorAnswer<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.AddPartitionsToTxn] = new ErrorAnswer<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.AddOffsetsToTxn] =
            new ErrorAnswer<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.EndTxn] = new ErrorAnswer<EndTxnRequest, EndTxnResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.WriteTxnMarkers] = new ErrorAnswer<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(Fail, static (_, _) => { }),
        [ApiKey.TxnOffsetCommit] =
            new ErrorAnswer<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.DescribeAcls] = new ErrorAnswer<DescribeAclsRequest, DescribeAclsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.CreateAcls] = new ErrorAnswer<CreateAclsRequest, CreateAclsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DeleteAcls] = new ErrorAnswer<DeleteAclsRequest, DeleteAclsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeConfigs] =
            new ErrorAnswer<DescribeConfigsRequest, DescribeConfigsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.AlterConfigs] = new ErrorAnswer<AlterConfigsRequest, AlterConfigsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.AlterReplicaLogDirs] =
            new ErrorAnswer<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeLogDirs] =
            new ErrorAnswer<DescribeLogDirsRequest, DescribeLogDirsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.SaslAuthenticate] = new ErrorAnswer<SaslAuthenticateRequest, SaslAuthenticateResponse>(Fail, static (_, _) => { }),
        [ApiKey.CreatePartitions] =
            new ErrorAnswer<CreatePartitionsRequest, CreatePartitionsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.DeleteGroups] = new ErrorAnswer<DeleteGroupsRequest, DeleteGroupsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ElectLeaders] = new ErrorAnswer<ElectLeadersRequest, ElectLeadersResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.IncrementalAlterConfigs] =
            new ErrorAnswer<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.AlterPartitionReassignments] = new ErrorAnswer<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ListPartitionReassignments] = new ErrorAnswer<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.OffsetDelete] = new ErrorAnswer<OffsetDeleteRequest, OffsetDeleteResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeClientQuotas] =
            new ErrorAnswer<DescribeClientQuotasRequest, DescribeClientQuotasResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.AlterClientQuotas] =
            new ErrorAnswer<AlterClientQuotasRequest, AlterClientQuotasResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeUserScramCredentials] = new ErrorAnswer<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.AlterUserScramCredentials] = new ErrorAnswer<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeQuorum] = new ErrorAnswer<DescribeQuorumRequest, DescribeQuorumResponse>(Fail, static (_, _) => { }),
        [ApiKey.UpdateFeatures] =
            new ErrorAnswer<UpdateFeaturesRequest, UpdateFeaturesResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeCluster] =
            new ErrorAnswer<DescribeClusterRequest, DescribeClusterResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeProducers] = new ErrorAnswer<DescribeProducersRequest, DescribeProducersResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms, PartitionsOf),
        [ApiKey.DescribeTransactions] =
            new ErrorAnswer<DescribeTransactionsRequest, DescribeTransactionsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ListTransactions] =
            new ErrorAnswer<ListTransactionsRequest, ListTransactionsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ListConfigResources] =
            new ErrorAnswer<ListConfigResourcesRequest, ListConfigResourcesResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeTopicPartitions] = new ErrorAnswer<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.CreateDelegationToken] =
            new ErrorAnswer<CreateDelegationTokenRequest, CreateDelegationTokenResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.UnregisterBroker] =
            new ErrorAnswer<UnregisterBrokerRequest, UnregisterBrokerResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ConsumerGroupHeartbeat] =
            new ErrorAnswer<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ConsumerGroupDescribe] =
            new ErrorAnswer<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.GetTelemetrySubscriptions] = new ErrorAnswer<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.PushTelemetry] =
            new ErrorAnswer<PushTelemetryRequest, PushTelemetryResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ShareGroupHeartbeat] =
            new ErrorAnswer<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ShareGroupDescribe] =
            new ErrorAnswer<ShareGroupDescribeRequest, ShareGroupDescribeResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ShareFetch] = new ErrorAnswer<ShareFetchRequest, ShareFetchResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.ShareAcknowledge] =
            new ErrorAnswer<ShareAcknowledgeRequest, ShareAcknowledgeResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.AddRaftVoter] = new ErrorAnswer<AddRaftVoterRequest, AddRaftVoterResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.RemoveRaftVoter] =
            new ErrorAnswer<RemoveRaftVoterRequest, RemoveRaftVoterResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.StreamsGroupHeartbeat] =
            new ErrorAnswer<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.StreamsGroupDescribe] =
            new ErrorAnswer<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DescribeShareGroupOffsets] = new ErrorAnswer<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse>(
            Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.AlterShareGroupOffsets] =
            new ErrorAnswer<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
        [ApiKey.DeleteShareGroupOffsets] =
            new ErrorAnswer<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse>(Fail, static (r, ms) => r.ThrottleTimeMs = ms),
    };

    /// <summary>The APIs that can be answered.</summary>
    public static IReadOnlyCollection<ApiKey> Keys => ByKey.Keys;

    /// <summary>What can be answered to the requests of an API; null if it is not known here.</summary>
    public static ErrorAnswer<TRequest, TResponse>? Find<TRequest, TResponse>(ApiKey key) =>
        ByKey.GetValueOrDefault(key) as ErrorAnswer<TRequest, TResponse>;
}
