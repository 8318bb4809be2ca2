using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Answers;

/// <content>The APIs of records and of where they are.</content>
internal static partial class ErrorAnswers
{
    /// <summary>Produce: every partition.</summary>
    public static ProduceResponse Fail(ProduceRequest request, short version, ErrorCode error) => new()
    {
        Responses = Array.ConvertAll(request.TopicData, topic => new ProduceResponse.TopicProduceResponse
        {
            Name = topic.Name,
            TopicId = topic.TopicId,
            PartitionResponses = Array.ConvertAll(topic.PartitionData, partition => new ProduceResponse.PartitionProduceResponse
            {
                Index = partition.Index,
                ErrorCode = (short)error,
                BaseOffset = -1,
            }),
        }),
    };

    /// <summary>Fetch: every partition that the request names.</summary>
    public static FetchResponse Fail(FetchRequest request, short version, ErrorCode error) => new()
    {
        Responses = Array.ConvertAll(request.Topics, topic => new FetchResponse.FetchableTopicResponse
        {
            Topic = topic.Topic,
            TopicId = topic.TopicId,
            Partitions = Array.ConvertAll(topic.Partitions, partition => new FetchResponse.PartitionData
            {
                PartitionIndex = partition.Partition,
                ErrorCode = (short)error,
                HighWatermark = -1,
                LastStableOffset = -1,
                LogStartOffset = -1,
                Records = ReadOnlyMemory<byte>.Empty,
            }),
        }),
    };

    /// <summary>ListOffsets: every partition.</summary>
    public static ListOffsetsResponse Fail(ListOffsetsRequest request, short version, ErrorCode error) => new()
    {
        Topics = Array.ConvertAll(request.Topics, topic => new ListOffsetsResponse.ListOffsetsTopicResponse
        {
            Name = topic.Name,
            Partitions = Array.ConvertAll(topic.Partitions, partition => new ListOffsetsResponse.ListOffsetsPartitionResponse
            {
                PartitionIndex = partition.PartitionIndex,
                ErrorCode = (short)error,
            }),
        }),
    };

    /// <summary>Metadata: every topic that the request names; from version 13 on the whole answer too.</summary>
    public static MetadataResponse Fail(MetadataRequest request, short version, ErrorCode error) => new()
    {
        ErrorCode = (short)error,
        Topics = Array.ConvertAll(request.Topics ?? [], topic => new MetadataResponse.MetadataResponseTopic
        {
            ErrorCode = (short)error,
            Name = version >= 12 ? topic.Name : topic.Name ?? "",
            TopicId = topic.TopicId,
        }),
    };

    /// <summary>DeleteRecords: every partition.</summary>
    public static DeleteRecordsResponse Fail(DeleteRecordsRequest request, short version, ErrorCode error) => new()
    {
        Topics = Array.ConvertAll(request.Topics, topic => new DeleteRecordsResponse.DeleteRecordsTopicResult
        {
            Name = topic.Name,
            Partitions = Array.ConvertAll(topic.Partitions, partition => new DeleteRecordsResponse.DeleteRecordsPartitionResult
            {
                PartitionIndex = partition.PartitionIndex,
                ErrorCode = (short)error,
                LowWatermark = -1,
            }),
        }),
    };

    /// <summary>OffsetForLeaderEpoch: every partition.</summary>
    public static OffsetForLeaderEpochResponse Fail(OffsetForLeaderEpochRequest request, short version, ErrorCode error) => new()
    {
        Topics = Array.ConvertAll(request.Topics, topic => new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
        {
            Topic = topic.Topic,
            Partitions = Array.ConvertAll(topic.Partitions, partition => new OffsetForLeaderEpochResponse.EpochEndOffset
            {
                Partition = partition.Partition,
                ErrorCode = (short)error,
            }),
        }),
    };

    /// <summary>DescribeProducers: every partition.</summary>
    public static DescribeProducersResponse Fail(DescribeProducersRequest request, short version, ErrorCode error) => new()
    {
        Topics = Array.ConvertAll(request.Topics, topic => new DescribeProducersResponse.TopicResponse
        {
            Name = topic.Name,
            Partitions = Array.ConvertAll(topic.PartitionIndexes, partition => new DescribeProducersResponse.PartitionResponse
            {
                PartitionIndex = partition,
                ErrorCode = (short)error,
            }),
        }),
    };

    /// <summary>ApiVersions: the error and nothing else.</summary>
    public static ApiVersionsResponse Fail(ApiVersionsRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    private static IEnumerable<NamedPartition> PartitionsOf(ProduceRequest request) =>
        request.TopicData.SelectMany(t => t.PartitionData.Select(p => new NamedPartition(t.Name, t.TopicId, p.Index)));

    private static IEnumerable<NamedPartition> PartitionsOf(FetchRequest request) =>
        request.Topics.SelectMany(t => t.Partitions.Select(p => new NamedPartition(t.Topic, t.TopicId, p.Partition)));

    private static IEnumerable<NamedPartition> PartitionsOf(ListOffsetsRequest request) =>
        request.Topics.SelectMany(t => t.Partitions.Select(p => new NamedPartition(t.Name, Uuid.Zero, p.PartitionIndex)));

    private static IEnumerable<NamedPartition> PartitionsOf(MetadataRequest request) =>
        (request.Topics ?? []).Select(t => new NamedPartition(t.Name ?? "", t.TopicId, -1));

    private static IEnumerable<NamedPartition> PartitionsOf(DeleteRecordsRequest request) =>
        request.Topics.SelectMany(t => t.Partitions.Select(p => new NamedPartition(t.Name, Uuid.Zero, p.PartitionIndex)));

    private static IEnumerable<NamedPartition> PartitionsOf(OffsetForLeaderEpochRequest request) =>
        request.Topics.SelectMany(t => t.Partitions.Select(p => new NamedPartition(t.Topic, Uuid.Zero, p.Partition)));

    private static IEnumerable<NamedPartition> PartitionsOf(DescribeProducersRequest request) =>
        request.Topics.SelectMany(t => t.PartitionIndexes.Select(p => new NamedPartition(t.Name, Uuid.Zero, p)));

    private static IEnumerable<NamedPartition> PartitionsOf(OffsetCommitRequest request) =>
        request.Topics.SelectMany(t => t.Partitions.Select(p => new NamedPartition(t.Name, t.TopicId, p.PartitionIndex)));
}
