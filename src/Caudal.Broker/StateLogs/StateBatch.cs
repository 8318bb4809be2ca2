using Caudal.Protocol.Records;

namespace Caudal.Broker.StateLogs;

/// <summary>What a coordinator appends at once: records, perhaps in a producer's transaction, or the end of such a transaction.</summary>
/// <param name="Records">The records, at least one; none for a marker.</param>
internal sealed record StateBatch(IReadOnlyList<StateRecord> Records)
{
    /// <summary>In whose transaction the records are; <see cref="RecordBatchProducer.None"/> for those that count at once.</summary>
    public RecordBatchProducer Producer { get; init; } = RecordBatchProducer.None;

    /// <summary>The end of a transaction; null for records.</summary>
    public TransactionMarker? Marker { get; init; }

    /// <summary>Whether the batch may be joined with others of its kind.</summary>
    public bool IsPlain => Marker is null && !Producer.IsTransactional;

    /// <summary>The size of keys and values in bytes.</summary>
    public int SizeInBytes
    {
        get
        {
            var size = 0;
            foreach (var record in Records)
                size += record.Key.Length + (record.Value?.Length ?? 0);
            return size;
        }
    }
}

/// <summary>The end of a producer's transaction, as it is written into each of its partitions.</summary>
/// <param name="ProducerId">The producer.</param>
/// <param name="ProducerEpoch">Its epoch, from now on the least.</param>
/// <param name="IsCommit">Whether the transaction counts.</param>
/// <param name="CoordinatorEpoch">The epoch of the transaction coordinator.</param>
/// <param name="RaisesEpoch">Whether the epoch must be higher than the transaction's (KIP-890).</param>
internal readonly record struct TransactionMarker(
    long ProducerId, short ProducerEpoch, bool IsCommit, int CoordinatorEpoch, bool RaisesEpoch)
{
    /// <summary>The record that is written.</summary>
    public ControlRecord Record => new(IsCommit ? ControlRecordType.Commit : ControlRecordType.Abort, 0, CoordinatorEpoch);
}
