namespace Caudal.Protocol.Records;

/// <summary>Who writes a batch, as the idempotent and the transactional producer stamp it.</summary>
/// <param name="Id">The producer's id; −1 for none.</param>
/// <param name="Epoch">The producer's epoch; −1 for none.</param>
/// <param name="BaseSequence">The sequence number of the batch's first record; −1 for none.</param>
/// <param name="IsTransactional">Whether the batch belongs to a transaction.</param>
public readonly record struct RecordBatchProducer(long Id, short Epoch, int BaseSequence, bool IsTransactional = false)
{
    /// <summary>A producer that is not idempotent.</summary>
    public static RecordBatchProducer None { get; } = new(-1, -1, -1);
}
