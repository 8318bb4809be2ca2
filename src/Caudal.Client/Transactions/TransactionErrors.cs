using Caudal.Protocol;

namespace Caudal.Client.Transactions;

/// <summary>What an error that is not worth a retry means for a transaction.</summary>
internal enum TransactionVerdict
{
    /// <summary>It has to be aborted.</summary>
    Abort,

    /// <summary>It has to be aborted, and the producer needs a new epoch: nobody knows what was written (KIP-360).</summary>
    AbortWithNewEpoch,

    /// <summary>Another producer has the id, or the coordinator gave up on this one.</summary>
    Fenced,

    /// <summary>The producer can have no further transaction.</summary>
    Fatal,
}

/// <summary>Reads verdicts out of error codes, and makes exceptions of them (KIP-98, KIP-360, KIP-588, KIP-890, KIP-1050).</summary>
internal static class TransactionErrors
{
    /// <summary>What a code means that a coordinator answered.</summary>
    public static TransactionVerdict OfCoordinator(ErrorCode code) => code switch
    {
        ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch => TransactionVerdict.Fenced,
        // The coordinator has forgotten the id, as after it was unused for long.
        ErrorCode.InvalidProducerIdMapping or ErrorCode.UnknownProducerId => TransactionVerdict.AbortWithNewEpoch,
        ErrorCode.TransactionAbortable or ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed
            or ErrorCode.FencedInstanceId or ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress
            or ErrorCode.StaleMemberEpoch or ErrorCode.FencedMemberEpoch or ErrorCode.GroupIdNotFound
            or ErrorCode.OffsetMetadataTooLarge or ErrorCode.InvalidCommitOffsetSize or ErrorCode.InvalidTopicException =>
            TransactionVerdict.Abort,
        _ => TransactionVerdict.Fatal,
    };

    /// <summary>What a code means that a partition's leader answered to a batch.</summary>
    public static TransactionVerdict OfLeader(ErrorCode code) => code switch
    {
        ErrorCode.ProducerFenced => TransactionVerdict.Fenced,
        // Leaders cannot tell a fenced producer from one whose transaction timed out; the coordinator will, when it is asked to abort.
        ErrorCode.InvalidProducerEpoch or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId
            or ErrorCode.InvalidTxnState or ErrorCode.InvalidProducerIdMapping => TransactionVerdict.AbortWithNewEpoch,
        ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.UnsupportedVersion
            or ErrorCode.UnsupportedForMessageFormat => TransactionVerdict.Fatal,
        _ => TransactionVerdict.Abort,
    };

    /// <summary>The exception for a verdict.</summary>
    /// <param name="id">The transactional id.</param>
    /// <param name="verdict">The verdict.</param>
    /// <param name="error">What went wrong.</param>
    public static TransactionException Of(string id, TransactionVerdict verdict, KafkaException error) => verdict switch
    {
        TransactionVerdict.Fenced => new ProducerFencedException(
            $"Producer '{id}' is fenced: another producer has begun with this transactional.id, or a transaction took longer than "
            + $"transaction.timeout.ms. Dispose this one; make a new one only if no other instance has taken over. {error.Message}",
            error),
        TransactionVerdict.Fatal => new TransactionFatalException(
            $"Producer '{id}' can have no further transaction; dispose it, mend the cause and make a new one. {error.Message}", error),
        _ => new TransactionAbortableException(
            $"The transaction of '{id}' cannot be committed any more; abort it and do its work again in a new one. {error.Message}", error),
    };
}
