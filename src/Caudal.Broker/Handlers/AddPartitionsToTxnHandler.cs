// AddPartitionsToTxn (24), versions 0-5: one transaction of a client up to version 3, several from version 4 on, as Kafka's brokers send it
// to each other, perhaps only to verify that partitions were added before.
// * If one partition does not exist (UNKNOWN_TOPIC_OR_PARTITION), none is added: the others say OPERATION_NOT_ATTEMPTED.
// * PRODUCER_FENCED came with version 2; older ones are told INVALID_PRODUCER_EPOCH.
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.StateLogs;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Asked = Caudal.Protocol.Messages.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
using Result = Caudal.Protocol.Messages.AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult;

namespace Caudal.Broker.Handlers;

/// <summary>Adds partitions to transactions.</summary>
internal sealed class AddPartitionsToTxnHandler(
    TransactionCoordinator transactions, ITransactionPartitions partitions, Coordinators coordinators)
    : RequestHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>
{
    // From version 5 on Kafka's brokers add partitions for clients that follow the second protocol (KIP-890).
    private const short FirstOfSecondProtocol = 5;

    /// <inheritdoc/>
    protected override async ValueTask<AddPartitionsToTxnResponse?> HandleAsync(
        RequestContext context, AddPartitionsToTxnRequest request, Reply reply)
    {
        if (context.ApiVersion < 4)
        {
            var only = new AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction
            {
                TransactionalId = request.V3AndBelowTransactionalId,
                ProducerId = request.V3AndBelowProducerId,
                ProducerEpoch = request.V3AndBelowProducerEpoch,
                Topics = request.V3AndBelowTopics,
            };
            return new AddPartitionsToTxnResponse { ResultsByTopicV3AndBelow = await AddAsync(context, only).ConfigureAwait(false) };
        }

        var results = new List<AddPartitionsToTxnResponse.AddPartitionsToTxnResult>(request.Transactions.Length);
        foreach (var transaction in request.Transactions)
        {
            results.Add(new()
            {
                TransactionalId = transaction.TransactionalId,
                TopicResults = await AddAsync(context, transaction).ConfigureAwait(false),
            });
        }

        return new AddPartitionsToTxnResponse { ResultsByTransaction = [.. results] };
    }

    private async ValueTask<Result[]> AddAsync(
        RequestContext context, AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction transaction)
    {
        if (coordinators.CheckTransaction(context, transaction.TransactionalId) is var elsewhere and not ErrorCode.None)
            return Answer(transaction.Topics, _ => elsewhere);
        var asked = transaction.Topics.SelectMany(t => t.Partitions.Select(p => new PartitionKey(t.Name, p))).ToArray();
        if (!Array.TrueForAll(asked, partitions.Exists))
        {
            return Answer(
                transaction.Topics, p => partitions.Exists(p) ? ErrorCode.OperationNotAttempted : ErrorCode.UnknownTopicOrPartition);
        }

        if (transaction.VerifyOnly)
        {
            return Answer(transaction.Topics, p =>
                transactions.Verify(transaction.TransactionalId, transaction.ProducerId, transaction.ProducerEpoch, p));
        }

        var clientVersion = (short)(context.ApiVersion >= FirstOfSecondProtocol ? 2 : 0);
        var error = await transactions.AddAsync(
            transaction.TransactionalId, transaction.ProducerId, transaction.ProducerEpoch, asked, clientVersion).ConfigureAwait(false);
        if (error == ErrorCode.ProducerFenced && context.ApiVersion < 2)
            error = ErrorCode.InvalidProducerEpoch;
        return Answer(transaction.Topics, _ => error);
    }

    private static Result[] Answer(Asked[] topics, Func<PartitionKey, ErrorCode> errorOf) => Array.ConvertAll(topics, topic => new Result
    {
        Name = topic.Name,
        ResultsByPartition = Array.ConvertAll(topic.Partitions, p => new AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult
        {
            PartitionIndex = p,
            PartitionErrorCode = (short)errorOf(new PartitionKey(topic.Name, p)),
        }),
    });
}
