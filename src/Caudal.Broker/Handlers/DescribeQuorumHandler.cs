// DescribeQuorum (55), versions 0-2.
// * There is no quorum: this broker decides alone. It is told as a quorum of one that is always caught up, so that
//   kafka-metadata-quorum works. The offsets count the records of the metadata journal.
// * Other topics than __cluster_metadata, and other partitions than 0: UNKNOWN_TOPIC_OR_PARTITION.
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using PartitionData = Caudal.Protocol.Messages.DescribeQuorumResponse.PartitionData;

namespace Caudal.Broker.Handlers;

/// <summary>Describes the controller: this broker.</summary>
internal sealed class DescribeQuorumHandler(ClusterNodes nodes, TopicRegistry registry, TimeProvider time)
    : RequestHandler<DescribeQuorumRequest, DescribeQuorumResponse>
{
    private const string MetadataTopic = "__cluster_metadata";

    /// <inheritdoc/>
    protected override async ValueTask<DescribeQuorumResponse?> HandleAsync(
        RequestContext context, DescribeQuorumRequest request, Reply reply)
    {
        var end = await registry.ReadMetadataAsync(_ => registry.MetadataRecordCount).ConfigureAwait(false);
        return new DescribeQuorumResponse
        {
            Topics = Array.ConvertAll(request.Topics, topic => new DescribeQuorumResponse.TopicData
            {
                TopicName = topic.TopicName,
                Partitions = Array.ConvertAll(topic.Partitions, partition =>
                    topic.TopicName == MetadataTopic && partition.PartitionIndex == 0
                    ? Describe(end, context.ApiVersion)
                    : new PartitionData
                    {
                        PartitionIndex = partition.PartitionIndex,
                        ErrorCode = (short)ErrorCode.UnknownTopicOrPartition,
                    }),
            }),
            Nodes = context.ApiVersion < 2 || !nodes.TryGet(nodes.ControllerId, out var controller)
                ? []
                :
                [
                    new()
                    {
                        NodeId = controller.Id,
                        Listeners =
                        [
                            new() { Name = "CONTROLLER", Host = controller.Endpoint.Host, Port = (ushort)controller.Endpoint.Port },
                        ],
                    },
                ],
        };
    }

    private PartitionData Describe(long end, short version)
    {
        var now = version >= 1 ? time.GetUtcNow().ToUnixTimeMilliseconds() : -1;
        return new PartitionData
        {
            LeaderId = nodes.ControllerId,
            LeaderEpoch = 1,
            HighWatermark = end,
            CurrentVoters =
            [
                new() { ReplicaId = nodes.ControllerId, LogEndOffset = end, LastFetchTimestamp = now, LastCaughtUpTimestamp = now },
            ],
        };
    }
}
