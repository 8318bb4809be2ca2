// The coordinator of transactions (KIP-98, KIP-360, KIP-447, KIP-890): InitProducerId (22), AddPartitionsToTxn (24), AddOffsetsToTxn (25),
// EndTxn (26), DescribeTransactions (65), ListTransactions (66), and what Produce and TxnOffsetCommit must know of transactions.
// * Every change of a transactional id is a record of __transaction_state, and counts when it is in the log; one change at a time.
//   Requests that come while a change is being written wait for it. What is left half done by a crash follows from the last record: a
//   Prepare state has its markers written (again) at the start.
// * One lock guards all ids and is never held over an await.
// Deviation from Kafka: EndTxn is answered when the markers are written, so that the next request does not meet CONCURRENT_TRANSACTIONS;
// if a marker cannot be written at once, as in Kafka when the outcome is in the log.
using Caudal.Broker.Groups;
using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker.Transactions;

/// <summary>Coordinates the broker's transactions and keeps them in <c>__transaction_state</c>. Thread safe.</summary>
internal sealed partial class TransactionCoordinator : IAsyncDisposable
{
    private readonly IStateLog _log;
    private readonly ITransactionPartitions _partitions;
    private readonly Func<ValueTask<long>> _nextProducerId;
    private readonly TransactionCoordinatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StateWriter _writer;
    private readonly CancellationTokenSource _stopping = new();

    // Guards the following, and all transactional ids.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TransactionalId> _ids = new(StringComparer.Ordinal);
    private readonly List<ITimer> _timers = [];
    private bool _isStopped;

    /// <summary>Creates a coordinator without transactions; <see cref="StartAsync"/> reads them.</summary>
    /// <param name="log">Where transactions are kept. The caller closes it after the coordinator.</param>
    /// <param name="partitions">The partitions that take part.</param>
    /// <param name="nextProducerId">Gives a producer id that no producer has had.</param>
    /// <param name="options">Limits and times.</param>
    public TransactionCoordinator(
        IStateLog log, ITransactionPartitions partitions, Func<ValueTask<long>> nextProducerId, TransactionCoordinatorOptions options)
    {
        _log = log;
        _partitions = partitions;
        _nextProducerId = nextProducerId;
        _options = options;
        _time = options.TimeProvider;
        _logger = options.LoggerFactory.CreateLogger<TransactionCoordinator>();
        _writer = new StateWriter(log, _gate, _logger);
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Which partition of <c>__transaction_state</c> a transactional id is in: Java's string hash, as for groups.</summary>
    public int PartitionOf(string transactionalId) => GroupCoordinator.PartitionOf(transactionalId, _log.PartitionCount);

    /// <summary>
    /// Finishes what is being written and refuses everything from then on. Transactions that are open stay open; markers that could not be
    /// written are written at the next start.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task[] endings;
        lock (_gate)
        {
            if (_isStopped)
                return;
            _isStopped = true;
            endings = [.. _ids.Values.Select(static id => id.Ending)];
            foreach (var timer in _timers)
                timer.Dispose();
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(endings).ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>Writes a change of a transactional id; it counts when the returned task completes without an error.</summary>
    private Task<ErrorCode> Change_UnderLock(TransactionalId id, TransactionStatus next)
    {
        var done = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        id.Change = done.Task;
        Write_UnderLock(id.Id, TransactionRecords.Store(id.Id, next), error =>
        {
            id.Change = null;
            if (error == ErrorCode.None)
            {
                id.Status = next;
                id.IsFenced = false;
            }

            done.TrySetResult(error);
        });
        return done.Task;
    }

    private void Write_UnderLock(string transactionalId, StateRecord record, Action<ErrorCode> completed)
    {
        if (!_writer.TryWrite(new StateWrite(PartitionOf(transactionalId), new StateBatch([record]), completed)))
            completed(ErrorCode.CoordinatorNotAvailable);
    }

    private static partial class Log
    {
        [LoggerMessage(4201, LogLevel.Information,
            "{Count} transactional ids were read from {Topic}; {Ending} transactions are to be ended.")]
        public static partial void Loaded(ILogger logger, int count, string topic, int ending);

        [LoggerMessage(4202, LogLevel.Warning, "A record of {Topic} was skipped: {Reason}")]
        public static partial void Skipped(ILogger logger, string topic, string reason);

        [LoggerMessage(4203, LogLevel.Information,
            "The transaction of '{Id}' (producer {ProducerId}) was open for longer than {TimeoutMs} ms and is aborted.")]
        public static partial void TimedOut(ILogger logger, string id, long producerId, int timeoutMs);

        [LoggerMessage(4204, LogLevel.Warning,
            "The end of the transaction of '{Id}' could not be written to {Topic}-{Partition}: {Error}. It is tried again.")]
        public static partial void MarkerRefused(ILogger logger, string id, string topic, int partition, ErrorCode error);

        [LoggerMessage(4205, LogLevel.Warning, "The end of the transaction of '{Id}' could not be noted: {Error}. It is tried again.")]
        public static partial void EndRefused(ILogger logger, string id, ErrorCode error);

        [LoggerMessage(4206, LogLevel.Debug, "The transactional id '{Id}' was silent for too long and is forgotten.")]
        public static partial void Expired(ILogger logger, string id);

        [LoggerMessage(4207, LogLevel.Debug, "The producer {ProducerId} of '{Id}' is fenced in epoch {Epoch} by a new one.")]
        public static partial void Fenced(ILogger logger, string id, long producerId, short epoch);
    }
}
