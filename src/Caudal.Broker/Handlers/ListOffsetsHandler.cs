// ListOffsets (2), versions 0-11.
// * -1 the high watermark (or the last stable offset for readers of committed records), -2 the start, -3 the record with the largest
//   timestamp (version 7), -4 the start (no tiers, version 8), -5 and -6 nothing (no tiers, versions 9 and 11). Other negative numbers, and
//   these in older versions: UNSUPPORTED_VERSION.
// * A time: the first record at or after it, inside compressed batches too. None: offset and timestamp -1 and no error.
// * Version 0 answers with an array of the starts of segments that are not younger than the time, the youngest first; for -1 they begin
//   with the end.
// * The leader and its epoch are checked as in Fetch; told is that of the record found, of the start, or the present one for the end
//   (version 4).
// * A partition that appears twice is INVALID_REQUEST.
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
    private const long EarliestPendingUpload = -6;

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
                    : Find(topic.Name, partition, context, request.IsolationLevel == 1)),
            }),
        });
    }

    private Found Find(string topicName, Asked asked, RequestContext context, bool committed)
    {
        var version = context.ApiVersion;
        if (!topics.TryGet(topicName, out var topic) || topic.Partition(asked.PartitionIndex) is not { } log)
            return Answer(asked, version, ErrorCode.UnknownTopicOrPartition);
        if (topic.CheckLeader(asked.PartitionIndex, context, asked.CurrentLeaderEpoch) is var elsewhere and not ErrorCode.None)
            return Answer(asked, version, elsewhere);
        var bound = committed ? log.LastStableOffset : log.HighWatermark;
        if (version == 0)
            return AnswerOld(asked, log, bound);
        switch (asked.Timestamp)
        {
            case Latest:
                return Answer(asked, version, new OffsetAndTimestamp(bound, -1, log.LeaderEpoch));
            case Earliest:
            case EarliestLocal when version >= 8:
                var start = log.LogStartOffset;
                return Answer(asked, version, new OffsetAndTimestamp(start, -1, log.EpochAt(start)));
            case MaxTimestamp when version >= 7:
                return Answer(asked, version, Below(bound, log.FindMaxTimestamp()));
            case LatestTiered when version >= 9:
            case EarliestPendingUpload when version >= 11:
                return Answer(asked, version, ErrorCode.None);
            case < 0:
                return Answer(asked, version, ErrorCode.UnsupportedVersion);
            default:
                return Answer(asked, version, Below(bound, log.FindOffsetByTimestamp(asked.Timestamp)));
        }
    }

    private static OffsetAndTimestamp? Below(long bound, OffsetAndTimestamp? found) => found?.Offset < bound ? found : null;

    private static Found AnswerOld(Asked asked, PartitionLog log, long bound)
    {
        var starts = log.SegmentStarts();
        var offsets = new List<long>(starts.Count + 1);
        if (asked.Timestamp == Latest && bound > starts[^1].Offset)
            offsets.Add(bound);
        for (var i = starts.Count - 1; i >= 0; i--)
        {
            if (asked.Timestamp == Latest || (asked.Timestamp == Earliest ? i == 0 : starts[i].TimestampMs <= asked.Timestamp))
                offsets.Add(starts[i].Offset);
        }

        return new Found { PartitionIndex = asked.PartitionIndex, OldStyleOffsets = [.. offsets.Take(Math.Max(asked.MaxNumOffsets, 0))] };
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

    private static Found Answer(Asked asked, short version, OffsetAndTimestamp? found)
    {
        var answer = Answer(asked, version, ErrorCode.None);
        if (found is not { } at)
            return answer;
        (answer.Offset, answer.Timestamp) = (at.Offset, at.TimestampMs);
        if (version >= 4)
            answer.LeaderEpoch = at.LeaderEpoch;
        return answer;
    }

    private static Found Answer(Asked asked, short version, ErrorCode error)
    {
        var answer = new Found { PartitionIndex = asked.PartitionIndex, ErrorCode = (short)error };
        if (version == 0)
            answer.OldStyleOffsets = [];
        return answer;
    }
}
