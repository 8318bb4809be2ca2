using Caudal.Protocol;

namespace Caudal.Client.Producing;

/// <summary>What a broker's answer, or its absence, means for a batch.</summary>
internal enum ProduceVerdict
{
    /// <summary>It was not written: send it again.</summary>
    Retry,

    /// <summary>It may have been written: send it again, and do not give it up.</summary>
    Unsure,

    /// <summary>The broker lost count of the producer's batches: start a new epoch with it (KIP-360).</summary>
    Renumber,

    /// <summary>It is too large for the topic: send its records in two batches (KIP-126).</summary>
    Split,

    /// <summary>It will never be written.</summary>
    Reject,
}

/// <summary>Reads verdicts out of error codes.</summary>
internal static class ProduceVerdicts
{
    /// <summary>What an error code means.</summary>
    public static ProduceVerdict Of(ErrorCode error, bool isIdempotent) => error switch
    {
        // The leader has written it; whether the replicas have, or will, is open.
        ErrorCode.RequestTimedOut or ErrorCode.NotEnoughReplicasAfterAppend => ProduceVerdict.Unsure,
        ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch when isIdempotent =>
            ProduceVerdict.Renumber,
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge => ProduceVerdict.Split,
        _ => error.IsRetriable() ? ProduceVerdict.Retry : ProduceVerdict.Reject,
    };
}
