namespace Caudal.Client;

/// <summary>A record does not count, because its transaction was aborted before the record was acknowledged.</summary>
public sealed class TransactionAbortedException : TransactionException
{
    internal TransactionAbortedException(string message)
        : base(message, null)
    {
    }

    /// <inheritdoc/>
    public override bool RequiresAbort => false;

    /// <inheritdoc/>
    public override bool IsFatal => false;
}
