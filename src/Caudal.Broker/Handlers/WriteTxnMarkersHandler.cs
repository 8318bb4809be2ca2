// WriteTxnMarkers (27), versions 0-2: what Kafka's coordinators send to brokers, and what kafka-transactions --abort sends to end a
// transaction that no coordinator knows of. From version 2 on a marker of the second protocol (KIP-890) must have a higher epoch than the
// transaction that it ends.
using Caudal.Broker.Network;
using Caudal.Broker.StateLogs;
using Caudal.Broker.Topics;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Ends transactions in partitions, past their coordinator.</summary>
internal sealed class WriteTxnMarkersHandler(TopicRegistry topics, ITransactionPartitions partitions)
    : RequestHandler<WriteTxnMarkersRequest, WriteTxnMarkersResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<WriteTxnMarkersResponse?> HandleAsync(
        RequestContext context, WriteTxnMarkersRequest request, Reply reply)
    {
        var results = new List<WriteTxnMarkersResponse.WritableTxnMarkerResult>(request.Markers.Length);
        foreach (var asked in request.Markers)
        {
            var marker = new TransactionMarker(
                asked.ProducerId, asked.ProducerEpoch, asked.TransactionResult, asked.CoordinatorEpoch, asked.TransactionVersion >= 2);
            var written = new List<WriteTxnMarkersResponse.WritableTxnMarkerTopicResult>(asked.Topics.Length);
            foreach (var topic in asked.Topics)
                written.Add(await WriteAsync(context, marker, topic).ConfigureAwait(false));
            results.Add(new() { ProducerId = asked.ProducerId, Topics = [.. written] });
        }

        return new WriteTxnMarkersResponse { Markers = [.. results] };
    }

    private async ValueTask<WriteTxnMarkersResponse.WritableTxnMarkerTopicResult> WriteAsync(
        RequestContext context, TransactionMarker marker, WriteTxnMarkersRequest.WritableTxnMarkerTopic topic)
    {
        var results = new List<WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult>(topic.PartitionIndexes.Length);
        foreach (var partition in topic.PartitionIndexes)
        {
            var error = topics.TryGet(topic.Name, out var found) && found.Partition(partition) is not null
                ? found.CheckLeader(partition, context)
                : ErrorCode.UnknownTopicOrPartition;
            if (error == ErrorCode.None)
                error = await partitions.WriteMarkerAsync(new PartitionKey(topic.Name, partition), marker).ConfigureAwait(false);
            results.Add(new() { PartitionIndex = partition, ErrorCode = (short)error });
        }

        return new() { Name = topic.Name, Partitions = [.. results] };
    }
}
