using Caudal.Broker.StateLogs;
using Caudal.Protocol;

namespace Caudal.Broker.Transactions;

/// <summary>The partitions that take part in transactions. Thread safe.</summary>
internal interface ITransactionPartitions
{
    /// <summary>Whether there is such a partition.</summary>
    bool Exists(PartitionKey partition);

    /// <summary>Ends a producer's transaction in a partition; completes when the marker is as durable as the broker promises.</summary>
    /// <returns>
    /// <see cref="ErrorCode.None"/>, <see cref="ErrorCode.UnknownTopicOrPartition"/>, <see cref="ErrorCode.InvalidProducerEpoch"/> or
    /// <see cref="ErrorCode.TransactionCoordinatorFenced"/> for a marker that is out of date, or why it could not be written.
    /// </returns>
    ValueTask<ErrorCode> WriteMarkerAsync(PartitionKey partition, TransactionMarker marker);
}
