// ListOffsets (2), versions 0-11.
// * -1 the high watermark (or the last stable offset for readers of committed records), -2 the start, -3 the record with the largest
//   timestamp (version 7), -4 the start (no tiers, version 8), -5 nothing (version 9). Other negative numbers, and these in older versions:
//   UNSUPPORTED_VERSION.
// * A time: the first record at or after it, inside compressed batches too. None: offset and timestamp -1 and no error.
// * Version 0 answers with an array: one offset, or none. Kafka gives the starts of segments besides, if more than one is asked for.
// * Leader epochs are checked as in Fetch. None is told (-1): clients that are told one ask OffsetForLeaderEpoch about it, which is not
//   served yet, and franz-go gives up then. A partition that appears twice is INVALID_REQUEST.
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Storage;
using Asked = Caudal.Protocol.Messages.ListOffsetsRequest.ListOffsetsPartition;
using Found = Caudal.Protocol.Messages.ListOffsetsResponse.ListOffsetsPartitionResponse;

namespace Caudal.Broker.Handlers;

/// <summary>Finds offsets by place or time.</summary>
internal sealed class ListOffsetsHandler(TopicRegistry topics) : RequestHandler<ListOffsetsRequest, ListOffsetsResponse>
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;
    private const long EarliestLocal = -4;
    private const long LatestTiered = -5;

    /// <inheritdoc/>
    protected override ValueTask<ListOffsetsResponse?> HandleAsync(RequestContext context, ListOffsetsRequest request, Reply reply)
    {
        var repeated = Repeated(request);
        var version = context.ApiVersion;
        return new(new ListOffsetsResponse
        {
            Topics = Array.ConvertAll(request.Topics, topic => new ListOffsetsResponse.ListOffsetsTopicResponse
            {
                Name = topic.Name,
                Partitions = Array.ConvertAll(topic.Partitions, partition =>
                    repeated?.Contains((topic.Name, partition.PartitionIndex)) == true
                    ? Answer(partition, version, ErrorCode.InvalidRequest)
                    : Find(topic.Name, partition, version, request.IsolationLevel == 1)),
            }),
        });
    }

    private Found Find(string topicName, Asked asked, short version, bool committed)
    {
        if (!topics.TryGet(topicName, out var topic) || topic.Partition(asked.PartitionIndex) is not { } log)
            return Answer(asked, version, ErrorCode.UnknownTopicOrPartition);
        if (asked.CurrentLeaderEpoch >= 0 && asked.CurrentLeaderEpoch != log.LeaderEpoch)
            return Answer(
                asked, version, asked.CurrentLeaderEpoch < log.LeaderEpoch ? ErrorCode.FencedLeaderEpoch : ErrorCode.UnknownLeaderEpoch);
        switch (asked.Timestamp)
        {
            case Latest:
                return Answer(asked, version, ErrorCode.None, committed ? log.LastStableOffset : log.HighWatermark);
            case Earliest:
            case EarliestLocal when version >= 8:
                return Answer(asked, version, ErrorCode.None, log.LogStartOffset);
            case MaxTimestamp when version >= 7:
                return Answer(asked, version, log.FindMaxTimestamp());
            case LatestTiered when version >= 9:
                return Answer(asked, version, ErrorCode.None);
            case < 0:
                return Answer(asked, version, ErrorCode.UnsupportedVersion);
            default:
                var bound = committed ? log.LastStableOffset : log.HighWatermark;
                return Answer(
                    asked, version, log.FindOffsetByTimestamp(asked.Timestamp) is { } found && found.Offset < bound ? found : null);
        }
    }

    private static HashSet<(string, int)>? Repeated(ListOffsetsRequest request)
    {
        var seen = new HashSet<(string, int)>();
        HashSet<(string, int)>? repeated = null;
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                if (!seen.Add((topic.Name, partition.PartitionIndex)))
                    (repeated ??= []).Add((topic.Name, partition.PartitionIndex));
            }
        }

        return repeated;
    }

    private static Found Answer(Asked asked, short version, OffsetAndTimestamp? found) => found is { } at
        ? Answer(asked, version, ErrorCode.None, at.Offset, at.TimestampMs)
        : Answer(asked, version, ErrorCode.None);

    private static Found Answer(Asked asked, short version, ErrorCode error, long offset = -1, long timestamp = -1)
    {
        var answer = new Found { PartitionIndex = asked.PartitionIndex, ErrorCode = (short)error };
        if (version == 0)
        {
            answer.OldStyleOffsets = offset >= 0 && asked.MaxNumOffsets > 0 ? [offset] : [];
            return answer;
        }

        answer.Offset = offset;
        answer.Timestamp = timestamp;
        return answer;
    }
}
