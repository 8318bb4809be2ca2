using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Answers;

/// <content>The APIs of topics and of the cluster.</content>
internal static partial class ErrorAnswers
{
    /// <summary>CreateTopics: every topic.</summary>
    public static CreateTopicsResponse Fail(CreateTopicsRequest request, short version, ErrorCode error) => new()
    {
        Topics = Array.ConvertAll(request.Topics, topic => new CreateTopicsResponse.CreatableTopicResult
        {
            Name = topic.Name,
            ErrorCode = (short)error,
            Configs = [],
        }),
    };

    /// <summary>DeleteTopics: every topic.</summary>
    public static DeleteTopicsResponse Fail(DeleteTopicsRequest request, short version, ErrorCode error) => new()
    {
        Responses = version >= 6
            ? Array.ConvertAll(request.Topics, topic => Failed(topic.Name, topic.TopicId, error))
            : Array.ConvertAll(request.TopicNames, name => Failed(name, Uuid.Zero, error)),
    };

    /// <summary>CreatePartitions: every topic.</summary>
    public static CreatePartitionsResponse Fail(CreatePartitionsRequest request, short version, ErrorCode error) => new()
    {
        Results = Array.ConvertAll(request.Topics, topic => new CreatePartitionsResponse.CreatePartitionsTopicResult
        {
            Name = topic.Name,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>ElectLeaders: every partition that the request names, and the whole answer from version 1 on.</summary>
    public static ElectLeadersResponse Fail(ElectLeadersRequest request, short version, ErrorCode error) => new()
    {
        ErrorCode = version >= 1 ? (short)error : (short)0,
        ReplicaElectionResults = Array.ConvertAll(
            request.TopicPartitions ?? [], topic => new ElectLeadersResponse.ReplicaElectionResult
            {
                Topic = topic.Topic,
                PartitionResult = Array.ConvertAll(topic.Partitions, partition => new ElectLeadersResponse.PartitionResultData
                {
                    PartitionId = partition,
                    ErrorCode = (short)error,
                }),
            }),
    };

    /// <summary>AlterPartitionReassignments.</summary>
    public static AlterPartitionReassignmentsResponse Fail(
        AlterPartitionReassignmentsRequest request, short version, ErrorCode error) => new() { ErrorCode = (short)error };

    /// <summary>ListPartitionReassignments.</summary>
    public static ListPartitionReassignmentsResponse Fail(
        ListPartitionReassignmentsRequest request, short version, ErrorCode error) => new() { ErrorCode = (short)error };

    /// <summary>DescribeTopicPartitions: every topic.</summary>
    public static DescribeTopicPartitionsResponse Fail(DescribeTopicPartitionsRequest request, short version, ErrorCode error) => new()
    {
        Topics = Array.ConvertAll(request.Topics, topic => new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic
        {
            Name = topic.Name,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>DescribeCluster.</summary>
    public static DescribeClusterResponse Fail(DescribeClusterRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>DescribeQuorum.</summary>
    public static DescribeQuorumResponse Fail(DescribeQuorumRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>FindCoordinator: every key from version 4 on.</summary>
    public static FindCoordinatorResponse Fail(FindCoordinatorRequest request, short version, ErrorCode error) => version < 4
        ? new FindCoordinatorResponse { ErrorCode = (short)error, NodeId = -1, Port = -1 }
        : new FindCoordinatorResponse
        {
            Coordinators = Array.ConvertAll(request.CoordinatorKeys, key => new FindCoordinatorResponse.Coordinator
            {
                Key = key,
                ErrorCode = (short)error,
                NodeId = -1,
                Port = -1,
            }),
        };

    private static DeleteTopicsResponse.DeletableTopicResult Failed(string? name, Uuid id, ErrorCode error) =>
        new() { Name = name, TopicId = id, ErrorCode = (short)error };

    private static IEnumerable<NamedPartition> PartitionsOf(CreateTopicsRequest request) =>
        request.Topics.Select(t => new NamedPartition(t.Name, Uuid.Zero, -1));

    private static IEnumerable<NamedPartition> PartitionsOf(DeleteTopicsRequest request) =>
        request.TopicNames.Select(name => new NamedPartition(name, Uuid.Zero, -1))
            .Concat(request.Topics.Select(t => new NamedPartition(t.Name ?? "", t.TopicId, -1)));

    private static IEnumerable<NamedPartition> PartitionsOf(CreatePartitionsRequest request) =>
        request.Topics.Select(t => new NamedPartition(t.Name, Uuid.Zero, -1));
}
