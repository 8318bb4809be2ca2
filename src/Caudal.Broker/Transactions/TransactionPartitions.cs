using Caudal.Broker.Groups;
using Caudal.Broker.StateLogs;
using Caudal.Broker.Topics;
using Caudal.Protocol;

namespace Caudal.Broker.Transactions;

/// <summary>
/// The broker's partitions, for transactions: markers go into their logs; those of <c>__consumer_offsets</c> by way of the group
/// coordinator, whose offsets they set in force.
/// </summary>
internal sealed class TransactionPartitions(TopicRegistry topics, GroupCoordinator groups) : ITransactionPartitions
{
    /// <inheritdoc/>
    public bool Exists(PartitionKey partition) =>
        topics.TryGet(partition.Topic, out var topic) && topic.Partition(partition.Partition) is not null;

    /// <inheritdoc/>
    public async ValueTask<ErrorCode> WriteMarkerAsync(PartitionKey partition, TransactionMarker marker)
    {
        if (!topics.TryGet(partition.Topic, out var topic) || topic.Partition(partition.Partition) is not { } log)
            return ErrorCode.UnknownTopicOrPartition;
        if (topic.Name == TopicNames.ConsumerOffsets)
            return await groups.EndTransactionAsync(partition.Partition, marker).ConfigureAwait(false);
        var result = await log.AppendMarkerAsync(
            marker.Record, marker.ProducerId, marker.ProducerEpoch, marker.RaisesEpoch, CancellationToken.None).ConfigureAwait(false);
        return result.Error;
    }
}
