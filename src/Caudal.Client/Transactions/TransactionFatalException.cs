namespace Caudal.Client;

/// <summary>
/// The producer can have no further transaction: its rights or its configuration do not allow it, or it does not agree with its coordinator
/// about what happened. What is open is aborted by the coordinator. Dispose the producer, mend what the message names, and go on with a new
/// one.
/// </summary>
public sealed class TransactionFatalException : TransactionException
{
    internal TransactionFatalException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool RequiresAbort => false;

    /// <inheritdoc/>
    public override bool IsFatal => true;
}
