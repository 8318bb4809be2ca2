using Caudal.Broker.Configuration;
using Caudal.Broker.Handlers;
using Caudal.Broker.Nodes;
using Caudal.Broker.StateLogs;
using Caudal.Broker.Topics;
using Caudal.Broker.Transactions;

namespace Caudal.Broker;

/// <content>Transactions.</content>
internal sealed partial class BrokerCore
{
    private TransactionCoordinator MakeTransactions(
        InternalTopics internalTopics, TransactionPartitions partitions, ConfigStore configs, EmbeddedBrokerOptions options)
    {
        _topics.TryGet(TopicNames.TransactionState, out var existing);
        var log = new PartitionStateLog(
            TopicNames.TransactionState,
            existing?.Partitions,
            configs.GetInt32("transaction.state.log.num.partitions"),
            async () => (await internalTopics.EnsureTransactionsAsync().ConfigureAwait(false)).Partitions);
        return new TransactionCoordinator(log, partitions, _producerIds.NextAsync, new TransactionCoordinatorOptions
        {
            MaxTimeoutMs = configs.GetInt32("transaction.max.timeout.ms"),
            TimeoutCheckInterval = Interval("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
            Expiration = Interval("transactional.id.expiration.ms"),
            ExpirationCheckInterval = Interval("transaction.remove.expired.transaction.cleanup.interval.ms"),
            TimeProvider = options.TimeProvider,
            LoggerFactory = options.LoggerFactory,
        });

        TimeSpan Interval(string name) => TimeSpan.FromMilliseconds(configs.GetInt32(name));
    }

    private List<RequestHandler> MakeTransactionHandlers(Coordinators coordinators) =>
    [
        new InitProducerIdHandler(_transactions, coordinators),
        new AddPartitionsToTxnHandler(_transactions, _transactionPartitions, coordinators),
        new AddOffsetsToTxnHandler(_transactions, _groups, coordinators),
        new EndTxnHandler(_transactions, coordinators),
        new WriteTxnMarkersHandler(_topics, _transactionPartitions),
        new TxnOffsetCommitHandler(_transactions, _groups, coordinators),
        new DescribeProducersHandler(_topics),
        new DescribeTransactionsHandler(_transactions, coordinators),
        new ListTransactionsHandler(_transactions, coordinators),
    ];
}
