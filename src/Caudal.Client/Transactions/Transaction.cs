using Caudal.Client.Transactions;

namespace Caudal.Client;

/// <summary>Records and offsets that count as a whole when it is committed, and not at all when it is aborted.</summary>
/// <remarks>
/// Thread safe. A failure shows as one of the kinds of <see cref="TransactionException"/>, which say what to do. Disposing it without a
/// commit aborts it; disposing it after a commit that was cut short finishes that commit.
/// </remarks>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
public sealed class Transaction<TKey, TValue> : IAsyncDisposable
{
    private readonly Producer<TKey, TValue> _producer;
    private readonly TransactionSession _session;
    private readonly OpenTransaction _transaction;

    internal Transaction(Producer<TKey, TValue> producer, TransactionSession session, OpenTransaction transaction)
    {
        _producer = producer;
        _session = session;
        _transaction = transaction;
    }

    /// <summary>What keeps the transaction from being committed; null if nothing does.</summary>
    public TransactionException? Error => _transaction.Error;

    /// <summary>Produces a record and waits until it is written; whether it counts is decided by the commit.</summary>
    /// <exception cref="TransactionException">The transaction has failed, or was aborted before the record was acknowledged.</exception>
    /// <exception cref="InvalidOperationException">The transaction is being ended, or was.</exception>
    /// <inheritdoc cref="Producer{TKey, TValue}.ProduceAsync(in ProducerRecord{TKey, TValue}, CancellationToken)"/>
    public ValueTask<RecordMetadata> ProduceAsync(in ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        _transaction.ThrowIfNotOpen();
        return _producer.ProduceInAsync(record, _transaction, cancellationToken);
    }

    /// <summary>
    /// Produces a record and waits only until there is room for it. Nobody needs to be told what becomes of it: the commit fails if it is
    /// not written.
    /// </summary>
    /// <exception cref="TransactionException">The transaction has failed.</exception>
    /// <exception cref="InvalidOperationException">The transaction is being ended, or was.</exception>
    /// <inheritdoc cref="Producer{TKey, TValue}.EnqueueAsync(in ProducerRecord{TKey, TValue}, IDeliveryHandler, CancellationToken)"/>
    public ValueTask EnqueueAsync(
        in ProducerRecord<TKey, TValue> record,
        IDeliveryHandler? handler = null,
        CancellationToken cancellationToken = default)
    {
        _transaction.ThrowIfNotOpen();
        return _producer.EnqueueInAsync(record, handler, _transaction, cancellationToken);
    }

    /// <summary>Produces a record if that is possible at once.</summary>
    /// <exception cref="TransactionException">The transaction has failed.</exception>
    /// <exception cref="InvalidOperationException">The transaction is being ended, or was.</exception>
    /// <inheritdoc cref="Producer{TKey, TValue}.TryEnqueue(in ProducerRecord{TKey, TValue}, IDeliveryHandler)"/>
    public bool TryEnqueue(in ProducerRecord<TKey, TValue> record, IDeliveryHandler? handler = null)
    {
        _transaction.ThrowIfNotOpen();
        return _producer.TryEnqueueIn(record, handler, _transaction);
    }

    /// <summary>
    /// Commits offsets of a consumer's group with the transaction: what was read counts as processed if what was written counts.
    /// </summary>
    /// <param name="offsets">Of each partition the offset of the next record to process.</param>
    /// <param name="group">The consumer's <see cref="Consumer{TKey, TValue}.GroupMetadata"/>.</param>
    /// <param name="cancellationToken">Gives up waiting; the same call may be made again.</param>
    /// <remarks>The consumer must not commit by itself: set <see cref="ConsumerOptions.EnableAutoCommit"/> to false.</remarks>
    /// <exception cref="TransactionAbortableException">
    /// The group has moved on without this member, or the coordinator refuses: abort, and read again from the committed offsets.
    /// </exception>
    /// <exception cref="ProducerFencedException">Another producer owns the id now.</exception>
    /// <exception cref="TransactionFatalException">The coordinator refuses for good.</exception>
    /// <exception cref="KafkaTimeoutException">
    /// There was no final answer within <see cref="ProducerOptions.MaxBlock"/>. The same call may be made again.
    /// </exception>
    /// <exception cref="InvalidOperationException">The transaction is being ended, or was.</exception>
    public ValueTask SendOffsetsAsync(
        IReadOnlyCollection<TopicPartitionOffset> offsets, ConsumerGroupMetadata group, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        ArgumentNullException.ThrowIfNull(group);
        return _session.SendOffsetsAsync(_transaction, offsets, group, cancellationToken);
    }

    /// <summary>Waits until every record is written, and commits.</summary>
    /// <param name="cancellationToken">
    /// Gives up waiting. Whether the transaction is committed may then be open; calling again finds out, and finishes.
    /// </param>
    /// <exception cref="TransactionAbortableException">A record could not be written; abort, and do the work again.</exception>
    /// <exception cref="ProducerFencedException">Another producer owns the id now, or the transaction took too long.</exception>
    /// <exception cref="TransactionFatalException">The coordinator refuses for good.</exception>
    /// <exception cref="KafkaTimeoutException">
    /// There was no final answer within <see cref="ProducerOptions.MaxBlock"/>: whether it is committed is open until another call
    /// succeeds.
    /// </exception>
    /// <exception cref="InvalidOperationException">The transaction was ended.</exception>
    public ValueTask CommitAsync(CancellationToken cancellationToken = default) => _session.CommitAsync(_transaction, cancellationToken);

    /// <summary>Drops what was not sent yet, and aborts. Aborting again does nothing.</summary>
    /// <param name="cancellationToken">Gives up waiting; the same call may be made again.</param>
    /// <exception cref="ProducerFencedException">Another producer owns the id now: it has aborted this transaction.</exception>
    /// <exception cref="TransactionFatalException">The coordinator refuses for good.</exception>
    /// <exception cref="KafkaTimeoutException">
    /// There was no final answer within <see cref="ProducerOptions.MaxBlock"/>. Beginning the next transaction aborts this one first.
    /// </exception>
    /// <exception cref="InvalidOperationException">It was committed, or a commit was cut short and may have succeeded.</exception>
    public ValueTask AbortAsync(CancellationToken cancellationToken = default) => _session.AbortAsync(_transaction, cancellationToken);

    /// <summary>
    /// Aborts if nothing was committed, and finishes a commit that was cut short; takes at most <see cref="ProducerOptions.MaxBlock"/> for
    /// what it asks the coordinator. Never throws: what could not be ended is logged, and ended when the next transaction begins.
    /// </summary>
    public ValueTask DisposeAsync() => _session.LeaveAsync(_transaction, CancellationToken.None);
}
