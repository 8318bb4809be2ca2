// DeleteRecords (21), versions 0-2.
// * Offset -1 means the high watermark; one above it, or another negative one: OFFSET_OUT_OF_RANGE. One below the start changes nothing.
// * The answer names the partition's new start; the next record gets the offset that it would have got anyway.
// * Topics that are compacted only: POLICY_VIOLATION. The broker's own topics:
//   INVALID_TOPIC_EXCEPTION. Nodes that do not lead the partition: NOT_LEADER_OR_FOLLOWER.
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Asked = Caudal.Protocol.Messages.DeleteRecordsRequest.DeleteRecordsPartition;
using Result = Caudal.Protocol.Messages.DeleteRecordsResponse.DeleteRecordsPartitionResult;

namespace Caudal.Broker.Handlers;

/// <summary>Deletes the records of partitions up to an offset.</summary>
internal sealed class DeleteRecordsHandler(TopicRegistry topics) : RequestHandler<DeleteRecordsRequest, DeleteRecordsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<DeleteRecordsResponse?> HandleAsync(
        RequestContext context, DeleteRecordsRequest request, Reply reply)
    {
        // All partitions start before the first is awaited: one write of the new starts serves them.
        var deletions = Array.ConvertAll(request.Topics, asked => Array.ConvertAll(
            asked.Partitions,
            partition => DeleteAsync(topics.TryGet(asked.Name, out var topic) ? topic : null, partition, context).AsTask()));
        var results = new DeleteRecordsResponse.DeleteRecordsTopicResult[deletions.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = new()
            {
                Name = request.Topics[i].Name,
                Partitions = await Task.WhenAll(deletions[i]).WaitAsync(context.CancellationToken).ConfigureAwait(false),
            };
        }

        return new DeleteRecordsResponse { Topics = results };
    }

    private static async ValueTask<Result> DeleteAsync(Topic? topic, Asked asked, RequestContext context)
    {
        if (topic?.Partition(asked.PartitionIndex) is not { } log)
            return Answer(asked, ErrorCode.UnknownTopicOrPartition);
        if (topic.IsInternal)
            return Answer(asked, ErrorCode.InvalidTopicException);
        if (topic.CheckLeader(asked.PartitionIndex, context) is var elsewhere and not ErrorCode.None)
            return Answer(asked, elsewhere);
        var error = await log.DeleteRecordsAsync(asked.Offset).ConfigureAwait(false);
        return error == ErrorCode.None ? Answer(asked, error, log.LogStartOffset) : Answer(asked, error);
    }

    private static Result Answer(Asked asked, ErrorCode error, long start = -1) =>
        new() { PartitionIndex = asked.PartitionIndex, ErrorCode = (short)error, LowWatermark = start };
}
