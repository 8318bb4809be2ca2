namespace Caudal.Client;

/// <summary>
/// The transaction cannot be committed any more, but the producer is well: abort the transaction, go back to the last committed offsets if
/// it consumes, and do the work again in a new one.
/// </summary>
public sealed class TransactionAbortableException : TransactionException
{
    internal TransactionAbortableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool RequiresAbort => true;

    /// <inheritdoc/>
    public override bool IsFatal => false;
}
