namespace Caudal.Client;

/// <summary>What became of one record of many.</summary>
/// <param name="Metadata">Where it was written; without an offset if it was not.</param>
/// <param name="Error">Why it was not written, or nobody knows; null if it was.</param>
public readonly record struct ProduceResult(RecordMetadata Metadata, Exception? Error)
{
    /// <summary>Whether it was written.</summary>
    public bool IsWritten => Error is null;
}
