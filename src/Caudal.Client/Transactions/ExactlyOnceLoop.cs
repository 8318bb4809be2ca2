using Caudal.Client.Configuration;
using Caudal.Client.Connections;
using Caudal.Client.Consuming;
using Caudal.Protocol;
using Microsoft.Extensions.Logging;

namespace Caudal.Client;

/// <summary>
/// Consumes, transforms and produces, so that every consumed record has its effect exactly once: what is produced and the offsets of what
/// was consumed are committed in one transaction (KIP-447).
/// </summary>
/// <remarks>
/// 1. Take records, until there are enough or the time is up, and hand each to the handler, which produces in the transaction. 2. Send the
/// offsets with the membership under which the records were taken. 3. Commit. When the transaction has to be aborted, as after a rebalance
/// that took partitions away, the consumer goes back to where the transaction began, in partitions that it still has, and the records are
/// handed out again; partitions that others have got are theirs, from the last commit on. Records come in their order within a partition,
/// one at a time. What a handler does elsewhere than in the transaction happens at least once.
/// <code>
/// await using var consumer = client.CreateConsumer(new ConsumerOptions&lt;string?, string?&gt;(Serdes.Utf8, Serdes.Utf8)
/// {
///     GroupId = "upper", EnableAutoCommit = false, IsolationLevel = IsolationLevel.ReadCommitted,
/// });
/// await using var producer = client.CreateProducer(new ProducerOptions&lt;string?, string?&gt;(Serdes.Utf8, Serdes.Utf8)
/// {
///     TransactionalId = "upper-1",
/// });
/// consumer.Subscribe("in");
/// await new ExactlyOnceLoop&lt;string?, string?, string?, string?&gt;(consumer, producer).RunAsync(
///     (record, transaction, token) => transaction.EnqueueAsync(new("out", record.Key, record.Value?.ToUpperInvariant()), null, token),
///     stop);
/// </code>
/// </remarks>
/// <typeparam name="TInKey">The type of consumed keys.</typeparam>
/// <typeparam name="TInValue">The type of consumed values.</typeparam>
/// <typeparam name="TOutKey">The type of produced keys.</typeparam>
/// <typeparam name="TOutValue">The type of produced values.</typeparam>
public sealed partial class ExactlyOnceLoop<TInKey, TInValue, TOutKey, TOutValue>
{
    private readonly Consumer<TInKey, TInValue> _consumer;
    private readonly Producer<TOutKey, TOutValue> _producer;
    private readonly ExactlyOnceOptions _options;
    private readonly ConsumerEngine _engine;
    private readonly TimeProvider _clock;
    private readonly ExponentialBackoff _backoff;
    private readonly ILogger _logger;

    // Of the transaction that is open: where it began in each partition, and where the next one will.
    private readonly Dictionary<PartitionCursor, (long From, long Next)> _taken = [];
    private RecordBatchLease? _lease;
    private int _position;
    private int _index;

    /// <summary>Creates a loop over a consumer and a producer, which stay their owner's. Nobody else uses them while it runs.</summary>
    /// <exception cref="ArgumentException">
    /// The consumer has no group or commits by itself, the producer has no <c>transactional.id</c>, or the options have faults.
    /// </exception>
    public ExactlyOnceLoop(
        Consumer<TInKey, TInValue> consumer, Producer<TOutKey, TOutValue> producer, ExactlyOnceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        ArgumentNullException.ThrowIfNull(producer);
        _options = options ?? new ExactlyOnceOptions();
        OptionFaults.ThrowIfAny(_options.Validate(), nameof(ExactlyOnceOptions));
        if (consumer.Options.GroupId is null || consumer.Options.EnableAutoCommit)
        {
            throw new ArgumentException(
                "The consumer's offsets are committed by the transactions: set its group.id, and enable.auto.commit to false.",
                nameof(consumer));
        }

        if (producer.Options.TransactionalId is null)
            throw new ArgumentException("The producer has no transactions: set its transactional.id.", nameof(producer));
        var client = producer.Accumulator.Client.Options;
        _consumer = consumer;
        _producer = producer;
        _engine = consumer.Engine;
        _clock = client.TimeProvider;
        _backoff = new ExponentialBackoff(client.RetryBackoff, client.RetryBackoffMax);
        _logger = client.LoggerFactory.CreateLogger("Caudal.Client.ExactlyOnceLoop");
    }

    /// <summary>Runs until it is cancelled, or until something happens that a repetition does not heal.</summary>
    /// <param name="handler">
    /// Handles one record: produces in the transaction what comes of it. Called again for the same record if the transaction was aborted.
    /// </param>
    /// <param name="cancellationToken">
    /// Ends the run. What was handled completely is committed first; a handler that gives up because of the token aborts its transaction.
    /// </param>
    /// <exception cref="OperationCanceledException">The run was cancelled; nothing is half done.</exception>
    /// <exception cref="ProducerFencedException">Another producer owns the transactional id now.</exception>
    /// <exception cref="TransactionFatalException">The producer can have no further transaction.</exception>
    /// <exception cref="KafkaException">Consuming failed for good. The transaction was aborted.</exception>
    /// <remarks>Whatever the handler throws ends the run too, after the transaction was aborted and the consumer sent back.</remarks>
    public async Task RunAsync(
        Func<ConsumeResult<TInKey, TInValue>, Transaction<TOutKey, TOutValue>, CancellationToken, ValueTask> handler,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var failures = 0;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                MakeWay();
                if (!HasRecord && !await TakeAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false))
                    continue;
                if (await TransactAsync(handler, cancellationToken).ConfigureAwait(false))
                    failures = 0;
                else
                    await Task.Delay(_backoff.After(++failures), _clock, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _engine.GiveBack(_lease);
            _engine.ReleaseHold();
            _lease = null;
        }
    }

    private bool HasRecord => _lease is { } lease && _index < lease.RecordCount && !lease.IsStale;

    // False if the transaction was aborted and its records will come again.
    private async ValueTask<bool> TransactAsync(
        Func<ConsumeResult<TInKey, TInValue>, Transaction<TOutKey, TOutValue>, CancellationToken, ValueTask> handler,
        CancellationToken cancellationToken)
    {
        // Taken while the records are in hand, so that it is the membership that they belong to.
        var group = _consumer.GroupMetadata;
        var transaction = await _producer.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var ended = transaction.ConfigureAwait(false);
        _taken.Clear();
        try
        {
            await HandleAsync(handler, transaction, group, cancellationToken).ConfigureAwait(false);
            await SendAndCommitAsync(transaction, group).ConfigureAwait(false);
            return true;
        }
        catch (KafkaException e) when (IsPassing(e, transaction.Error))
        {
            Log.Aborted(_logger, _producer.Options.TransactionalId!, e.Message);
            await transaction.DisposeAsync().ConfigureAwait(false);
            GoBack();
            return false;
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            GoBack();
            throw;
        }
    }

    private async ValueTask HandleAsync(
        Func<ConsumeResult<TInKey, TInValue>, Transaction<TOutKey, TOutValue>, CancellationToken, ValueTask> handler,
        Transaction<TOutKey, TOutValue> transaction,
        ConsumerGroupMetadata group,
        CancellationToken cancellationToken)
    {
        var start = _clock.GetTimestamp();
        for (var count = 0; count < _options.MaxRecords && !cancellationToken.IsCancellationRequested; count++)
        {
            var left = _options.Interval - _clock.GetElapsedTime(start);
            // The first record always is handled: the transaction is there for it.
            if (count > 0 && left <= TimeSpan.Zero)
                return;
            if (count > 0 && _engine.IsInterrupted)
                return;
            if (!HasRecord && !await TakeMoreAsync(left, cancellationToken).ConfigureAwait(false))
                return;
            // Records of another membership are not committed by this one.
            if (count > 0 && _index == 0 && _consumer.GroupMetadata != group)
                return;
            var lease = _lease!;
            if (!_taken.TryGetValue(lease.Cursor, out var taken))
            {
                // Before the record is even read: if that fails, the way back is known.
                var first = lease.Track.Position >= 0 ? lease.Track.Position : lease.StartOffset;
                _taken[lease.Cursor] = taken = (first, first);
            }

            var record = _consumer.Decoder.Read(lease, ref _position, ref _index);
            _engine.NoteActivity();
            await handler(record, transaction, cancellationToken).ConfigureAwait(false);
            _taken[lease.Cursor] = taken with { Next = _index < lease.RecordCount ? record.Offset + 1 : lease.NextOffset };
        }
    }

    // Being cancelled while waiting for company is no reason to lose what is done.
    private async ValueTask<bool> TakeMoreAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            return await TakeAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _engine.Hold();
            return false;
        }
    }

    private async ValueTask<bool> TakeAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var finished = _lease;
        _lease = null;
        RecordBatchLease? next;
        try
        {
            next = await _engine.NextAsync(false, wait, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            finished?.Dispose();
        }

        // Partitions are not given up before the commit, if there is nothing more to take.
        if (next is null)
            _engine.Hold();
        (_lease, _position, _index) = (next, 0, 0);
        return next is not null;
    }

    private async ValueTask SendAndCommitAsync(Transaction<TOutKey, TOutValue> transaction, ConsumerGroupMetadata group)
    {
        TopicPartitionOffset[] offsets = [.. _taken.Select(taken => new TopicPartitionOffset(taken.Key.Partition, taken.Value.Next))];
        await transaction.SendOffsetsAsync(offsets, group, CancellationToken.None).ConfigureAwait(false);
        while (true)
        {
            try
            {
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (KafkaTimeoutException e)
            {
                // Whether it is committed must be known before anything else is done.
                Log.CommitOpen(_logger, _producer.Options.TransactionalId!, e.Message);
            }
        }
    }

    private void GoBack()
    {
        foreach (var (cursor, taken) in _taken)
            _engine.Rewind(cursor, taken.From);
        _taken.Clear();
    }

    // Partitions are to be given up: what is in hand, all of it committed, is put aside, so that this can happen while more is asked for.
    private void MakeWay()
    {
        if (!_engine.IsInterrupted || _lease is not { } lease)
            return;
        _engine.CutShort(lease);
        _lease = null;
    }

    // Whether a repetition may go well: what the brokers refuse for good they would refuse again.
    private static bool IsPassing(KafkaException error, TransactionException? failure) => failure is null
        ? error is KafkaTimeoutException
        : failure.RequiresAbort && failure.Code is ErrorCode.None or ErrorCode.TransactionAbortable or ErrorCode.UnknownMemberId
            or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress or ErrorCode.StaleMemberEpoch
            or ErrorCode.FencedMemberEpoch or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId
            or ErrorCode.InvalidProducerEpoch or ErrorCode.InvalidTxnState or ErrorCode.InvalidProducerIdMapping;

    private static partial class Log
    {
        [LoggerMessage(1511, LogLevel.Warning, "A transaction of {Id} is aborted, and its records are handled again: {Reason}")]
        public static partial void Aborted(ILogger logger, string id, string reason);

        [LoggerMessage(1512, LogLevel.Warning, "Whether a transaction of {Id} is committed is not known yet: {Reason}")]
        public static partial void CommitOpen(ILogger logger, string id, string reason);
    }
}
