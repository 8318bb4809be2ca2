namespace Caudal.Protocol.Generator.Tests.Agreement;

/// <summary>
/// Where the schemas differ from Kafka's definitions on purpose, with the reason. One that is no longer needed fails the test.
/// </summary>
internal static class Exceptions
{
    private const string OldProduce = "Record formats before 2: Kafka dropped them in 4.0, and no client that speaks them is served.";
    private const string OldFetch =
        "Answers with record formats before 2: Kafka dropped them in 4.0, and no client that speaks them is served.";
    private const string ZooKeeper = "Offsets kept in ZooKeeper: no broker that is supported has it.";
    private const string Renamed = "Kafka gave the field its wider name later; the bytes are the same.";
    private const string Unstable = "Not stable yet (KIP-939): Kafka offers it only when unstable versions are switched on.";
    private const string Suffixed =
        "A class cannot hold a property and a class of one name, so the struct ends in Data; structs have no names on the wire.";
    private const string RecordType =
        "3.3 counted the kinds of keys as versions of one message; as in 4.3 they are types here, and the body has one version.";

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["ProduceRequest version 0"] = OldProduce,
        ["ProduceResponse version 0"] = OldProduce,
        ["ProduceRequest version 1"] = OldProduce,
        ["ProduceResponse version 1"] = OldProduce,
        ["ProduceRequest version 2"] = OldProduce,
        ["ProduceResponse version 2"] = OldProduce,
        ["FetchRequest version 0"] = OldFetch,
        ["FetchResponse version 0"] = OldFetch,
        ["FetchRequest version 1"] = OldFetch,
        ["FetchResponse version 1"] = OldFetch,
        ["FetchRequest version 2"] = OldFetch,
        ["FetchResponse version 2"] = OldFetch,
        ["FetchRequest version 3"] = OldFetch,
        ["FetchResponse version 3"] = OldFetch,
        ["FetchRequest.ReplicaState type"] = Suffixed,
        ["ElectLeadersRequest.TopicPartitions type"] = Suffixed,
        ["ElectLeadersResponse.ReplicaElectionResults.PartitionResult type"] = Suffixed,
        ["DescribeQuorumResponse.Topics.Partitions.CurrentVoters type"] = Suffixed,
        ["DescribeQuorumResponse.Topics.Partitions.Observers type"] = Suffixed,
        ["DescribeTransactionsResponse.TransactionStates type"] = Suffixed,
        ["ListTransactionsResponse.TransactionStates type"] = Suffixed,
        ["ConsumerGroupHeartbeatRequest.TopicPartitions type"] = Suffixed,
        ["ConsumerGroupHeartbeatResponse.Assignment type"] = Suffixed,
        ["ConsumerGroupHeartbeatResponse.Assignment.TopicPartitions type"] = Suffixed,
        ["ConsumerGroupDescribeResponse.Groups.Members.Assignment type"] = Suffixed,
        ["ConsumerGroupDescribeResponse.Groups.Members.Assignment.TopicPartitions type"] = Suffixed,
        ["ConsumerGroupDescribeResponse.Groups.Members.TargetAssignment type"] = Suffixed,
        ["ConsumerGroupDescribeResponse.Groups.Members.TargetAssignment.TopicPartitions type"] = Suffixed,
        ["DescribeTopicPartitionsRequest.Cursor type"] = Suffixed,
        ["DescribeTopicPartitionsResponse.NextCursor type"] = Suffixed,
        ["ShareGroupHeartbeatResponse.Assignment type"] = Suffixed,
        ["ShareGroupHeartbeatResponse.Assignment.TopicPartitions type"] = Suffixed,
        ["ShareGroupDescribeResponse.Groups.Members.Assignment type"] = Suffixed,
        ["ShareGroupDescribeResponse.Groups.Members.Assignment.TopicPartitions type"] = Suffixed,
        ["ShareFetchResponse.Responses.Partitions.AcquiredRecords type"] = Suffixed,
        ["StreamsGroupHeartbeatRequest.Topology type"] = Suffixed,
        ["StreamsGroupHeartbeatResponse.Status type"] = Suffixed,
        ["StreamsGroupDescribeResponse.Groups.Topology type"] = Suffixed,
        ["StreamsGroupDescribeResponse.Groups.Members.Assignment type"] = Suffixed,
        ["StreamsGroupDescribeResponse.Groups.Members.TargetAssignment type"] = Suffixed,
        ["OffsetCommitRequest version 0"] = ZooKeeper,
        ["OffsetCommitResponse version 0"] = ZooKeeper,
        ["OffsetFetchRequest version 0"] = ZooKeeper,
        ["OffsetFetchResponse version 0"] = ZooKeeper,
        ["OffsetCommitRequest.GenerationId exists"] = Renamed,
        ["OffsetCommitRequest.GenerationIdOrMemberEpoch exists"] = Renamed,
        ["CreateTopicsRequest.Topics.Configs type"] = "3.3 spelt the struct differently; structs have no names on the wire.",
        ["InitProducerIdRequest version 6"] = Unstable,
        ["InitProducerIdResponse version 6"] = Unstable,
        ["OffsetCommitKey version 1"] = RecordType,
        ["GroupMetadataKey version 2"] = RecordType,
        ["RequestHeader version 0"] = "Only ControlledShutdown had it, in its version 0; the API left Kafka with ZooKeeper.",
    };
}
