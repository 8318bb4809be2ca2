// OffsetForLeaderEpoch (23), versions 0-4.
// * The largest epoch up to the one asked for, and the offset after its last record; the present epoch ends at the log's end. An epoch that
//   is not known gives -1 and -1 without an error: consumers then look for what they have themselves.
// * The leader, and the epoch under which the client believes to be (version 2 and later), are checked as in Fetch: NOT_LEADER_OR_FOLLOWER,
//   FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH.
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using EndOffset = Caudal.Protocol.Messages.OffsetForLeaderEpochResponse.EpochEndOffset;

namespace Caudal.Broker.Handlers;

/// <summary>Tells consumers where a leader epoch ended, so that they notice records which were lost.</summary>
internal sealed class OffsetForLeaderEpochHandler(TopicRegistry topics)
    : RequestHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<OffsetForLeaderEpochResponse?> HandleAsync(
        RequestContext context, OffsetForLeaderEpochRequest request, Reply reply) => new(new OffsetForLeaderEpochResponse
        {
            Topics = Array.ConvertAll(request.Topics, asked => new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
            {
                Topic = asked.Topic,
                Partitions = Array.ConvertAll(
                    asked.Partitions,
                    partition => Find(topics.TryGet(asked.Topic, out var topic) ? topic : null, partition, context)),
            }),
        });

    private static EndOffset Find(Topic? topic, OffsetForLeaderEpochRequest.OffsetForLeaderPartition asked, RequestContext context)
    {
        if (topic?.Partition(asked.Partition) is not { } log)
            return Failed(asked, ErrorCode.UnknownTopicOrPartition);
        if (topic.CheckLeader(asked.Partition, context, asked.CurrentLeaderEpoch) is var error and not ErrorCode.None)
            return Failed(asked, error);
        var (epoch, endOffset) = log.EndOffsetFor(asked.LeaderEpoch);
        return new EndOffset { Partition = asked.Partition, LeaderEpoch = epoch, EndOffset = endOffset };
    }

    private static EndOffset Failed(OffsetForLeaderEpochRequest.OffsetForLeaderPartition asked, ErrorCode error) =>
        new() { Partition = asked.Partition, ErrorCode = (short)error };
}
