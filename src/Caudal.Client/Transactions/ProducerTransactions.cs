using System.Diagnostics.CodeAnalysis;

namespace Caudal.Client;

/// <content>Transactions.</content>
public sealed partial class Producer<TKey, TValue>
{
    /// <summary>Begins a transaction: what is produced and sent in it counts as a whole, or not at all.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The transaction. Disposing it without a commit aborts it.</returns>
    /// <remarks>
    /// The first one makes this producer the one that owns the <c>transactional.id</c>: it fences others, and waits until what they left
    /// open is aborted.
    /// <code>
    /// await using var transaction = await producer.BeginTransactionAsync(stop);
    /// await transaction.EnqueueAsync(new("orders", order.Id, order), cancellationToken: stop);
    /// await transaction.EnqueueAsync(new("invoices", order.Id, invoice), cancellationToken: stop);
    /// await transaction.CommitAsync(stop);
    /// </code>
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// The producer has no <see cref="ProducerOptions.TransactionalId"/>, or a transaction is open.
    /// </exception>
    /// <exception cref="ProducerFencedException">Another producer owns the id now.</exception>
    /// <exception cref="TransactionFatalException">The coordinator refuses for good.</exception>
    /// <exception cref="KafkaTimeoutException">There was no coordinator within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="ClientClosedException">The producer is closed.</exception>
    public async ValueTask<Transaction<TKey, TValue>> BeginTransactionAsync(CancellationToken cancellationToken = default)
    {
        var session = _accumulator.Transactions ?? throw new InvalidOperationException(
            "The producer has no transactions: set transactional.id (ProducerOptions.TransactionalId).");
        return new Transaction<TKey, TValue>(this, session, await session.BeginAsync(cancellationToken).ConfigureAwait(false));
    }

    private void ThrowIfTransactional()
    {
        if (_accumulator.Transactions is not null)
            ThrowTransactional();
    }

    [DoesNotReturn]
    private void ThrowTransactional() => throw new InvalidOperationException(
        $"Producer '{_options.TransactionalId}' has a transactional.id, so it produces in transactions only: "
        + "call BeginTransactionAsync and produce through what it returns.");
}
