namespace Caudal.Client;

/// <summary>
/// Another producer with the same <c>transactional.id</c> has begun, or the coordinator ended a transaction that took longer than
/// <c>transaction.timeout.ms</c>. This producer can write nothing more. Dispose it; go on with a new one only if nobody else has taken
/// over.
/// </summary>
public sealed class ProducerFencedException : TransactionException
{
    internal ProducerFencedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public override bool RequiresAbort => false;

    /// <inheritdoc/>
    public override bool IsFatal => true;
}
