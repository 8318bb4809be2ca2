namespace Caudal.Storage;

/// <summary>What a log knows of one producer, as DescribeProducers tells it.</summary>
/// <param name="ProducerId">The producer's id.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="LastSequence">The last sequence number; −1 if none is known of this epoch.</param>
/// <param name="LastTimestampMs">The time of the last batch or marker, in ms since 1970; −1 if it is not known.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator that wrote the last marker; −1 without one.</param>
/// <param name="TransactionStart">The first offset of the open transaction; −1 if none is open.</param>
public readonly record struct ProducerDescription(
    long ProducerId, short Epoch, int LastSequence, long LastTimestampMs, int CoordinatorEpoch, long TransactionStart);
