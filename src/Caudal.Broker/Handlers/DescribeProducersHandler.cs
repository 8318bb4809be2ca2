// DescribeProducers (61), version 0: the producers that a partition remembers, with their open transactions.
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Described = Caudal.Protocol.Messages.DescribeProducersResponse.PartitionResponse;

namespace Caudal.Broker.Handlers;

/// <summary>Describes the producers of partitions.</summary>
internal sealed class DescribeProducersHandler(TopicRegistry topics) : RequestHandler<DescribeProducersRequest, DescribeProducersResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<DescribeProducersResponse?> HandleAsync(
        RequestContext context, DescribeProducersRequest request, Reply reply) => new(new DescribeProducersResponse
        {
            Topics = Array.ConvertAll(request.Topics, topic => new DescribeProducersResponse.TopicResponse
            {
                Name = topic.Name,
                Partitions = Array.ConvertAll(topic.PartitionIndexes, partition => Describe(context, topic.Name, partition)),
            }),
        });

    private Described Describe(RequestContext context, string name, int partition)
    {
        if (!topics.TryGet(name, out var topic) || topic.Partition(partition) is not { } log)
            return Failed(partition, ErrorCode.UnknownTopicOrPartition);
        if (topic.CheckLeader(partition, context) is var elsewhere and not ErrorCode.None)
            return Failed(partition, elsewhere);
        return new Described
        {
            PartitionIndex = partition,
            ActiveProducers = [.. log.DescribeProducers().Select(static producer => new DescribeProducersResponse.ProducerState
            {
                ProducerId = producer.ProducerId,
                ProducerEpoch = producer.Epoch,
                LastSequence = producer.LastSequence,
                LastTimestamp = producer.LastTimestampMs,
                CoordinatorEpoch = producer.CoordinatorEpoch,
                CurrentTxnStartOffset = producer.TransactionStart,
            })],
        };
    }

    private static Described Failed(int partition, ErrorCode error) => new() { PartitionIndex = partition, ErrorCode = (short)error };
}
