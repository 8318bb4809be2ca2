using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Answers;

/// <content>The APIs of transactions.</content>
internal static partial class ErrorAnswers
{
    /// <summary>InitProducerId.</summary>
    public static InitProducerIdResponse Fail(InitProducerIdRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error, ProducerEpoch = -1 };

    /// <summary>AddPartitionsToTxn: every partition, of every transaction from version 4 on.</summary>
    public static AddPartitionsToTxnResponse Fail(AddPartitionsToTxnRequest request, short version, ErrorCode error)
    {
        if (version < 4)
            return new AddPartitionsToTxnResponse { ResultsByTopicV3AndBelow = Results(request.V3AndBelowTopics, error) };
        return new AddPartitionsToTxnResponse
        {
            ResultsByTransaction = Array.ConvertAll(
                request.Transactions, transaction => new AddPartitionsToTxnResponse.AddPartitionsToTxnResult
                {
                    TransactionalId = transaction.TransactionalId,
                    TopicResults = Results(transaction.Topics, error),
                }),
        };
    }

    /// <summary>AddOffsetsToTxn.</summary>
    public static AddOffsetsToTxnResponse Fail(AddOffsetsToTxnRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>EndTxn.</summary>
    public static EndTxnResponse Fail(EndTxnRequest request, short version, ErrorCode error) => new() { ErrorCode = (short)error };

    /// <summary>WriteTxnMarkers: every partition of every marker.</summary>
    public static WriteTxnMarkersResponse Fail(WriteTxnMarkersRequest request, short version, ErrorCode error) => new()
    {
        Markers = Array.ConvertAll(request.Markers, marker => new WriteTxnMarkersResponse.WritableTxnMarkerResult
        {
            ProducerId = marker.ProducerId,
            Topics = Array.ConvertAll(marker.Topics, topic => new WriteTxnMarkersResponse.WritableTxnMarkerTopicResult
            {
                Name = topic.Name,
                Partitions = Array.ConvertAll(
                    topic.PartitionIndexes, partition => new WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult
                    {
                        PartitionIndex = partition,
                        ErrorCode = (short)error,
                    }),
            }),
        }),
    };

    /// <summary>TxnOffsetCommit: every partition.</summary>
    public static TxnOffsetCommitResponse Fail(TxnOffsetCommitRequest request, short version, ErrorCode error) => new()
    {
        Topics = Array.ConvertAll(request.Topics, topic => new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic
        {
            Name = topic.Name,
            Partitions = Array.ConvertAll(topic.Partitions, partition => new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition
            {
                PartitionIndex = partition.PartitionIndex,
                ErrorCode = (short)error,
            }),
        }),
    };

    /// <summary>DescribeTransactions: every transactional id.</summary>
    public static DescribeTransactionsResponse Fail(DescribeTransactionsRequest request, short version, ErrorCode error) => new()
    {
        TransactionStates = Array.ConvertAll(request.TransactionalIds, id => new DescribeTransactionsResponse.TransactionStateData
        {
            TransactionalId = id,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>ListTransactions.</summary>
    public static ListTransactionsResponse Fail(ListTransactionsRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    private static AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult[] Results(
        AddPartitionsToTxnRequest.AddPartitionsToTxnTopic[] topics, ErrorCode error) =>
        Array.ConvertAll(topics, topic => new AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult
        {
            Name = topic.Name,
            ResultsByPartition = Array.ConvertAll(
                topic.Partitions, partition => new AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult
                {
                    PartitionIndex = partition,
                    PartitionErrorCode = (short)error,
                }),
        });

    private static IEnumerable<NamedPartition> PartitionsOf(AddPartitionsToTxnRequest request) =>
        request.V3AndBelowTopics.Concat(request.Transactions.SelectMany(t => t.Topics))
            .SelectMany(t => t.Partitions.Select(p => new NamedPartition(t.Name, Uuid.Zero, p)));

    private static IEnumerable<NamedPartition> PartitionsOf(TxnOffsetCommitRequest request) =>
        request.Topics.SelectMany(t => t.Partitions.Select(p => new NamedPartition(t.Name, Uuid.Zero, p.PartitionIndex)));
}
