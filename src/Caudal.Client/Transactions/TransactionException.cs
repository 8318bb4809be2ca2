using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>
/// A transaction failed, or the producer's right to have any. The type says what can be done about it: <see cref="RequiresAbort"/> or
/// <see cref="IsFatal"/> (KIP-1050).
/// </summary>
/// <remarks>
/// <see cref="TransactionAbortableException"/>: abort, and do the same again with the same producer.
/// <see cref="TransactionFatalException"/>: the producer is of no more use; dispose it, and begin again with a new one.
/// <see cref="ProducerFencedException"/>: as fatal, and most likely somebody else goes on with the work already.
/// <see cref="TransactionAbortedException"/>: told to those who wait for records of a transaction that was aborted.
/// </remarks>
public abstract class TransactionException : KafkaException
{
    private protected TransactionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The broker's code; <see cref="ErrorCode.None"/> if it was not a broker that refused.</summary>
    public ErrorCode Code => InnerException is BrokerErrorException refused ? refused.Code : ErrorCode.None;

    /// <summary>Whether aborting the transaction lets the producer go on with another.</summary>
    public abstract bool RequiresAbort { get; }

    /// <summary>Whether the producer can have no further transaction.</summary>
    public abstract bool IsFatal { get; }
}
