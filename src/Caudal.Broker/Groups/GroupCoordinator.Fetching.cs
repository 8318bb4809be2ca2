using Caudal.Broker.Network;
using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <content>OffsetFetch: what groups have committed. A partition without an offset is no error.</content>
internal sealed partial class GroupCoordinator
{
    private static readonly CommittedOffset NoOffset = new(-1, -1, "", -1, Uuid.Zero);

    /// <summary>Tells committed offsets.</summary>
    /// <remarks>
    /// RequireStable asks not to be told an offset that an open transaction may replace: such a partition answers UNSTABLE_OFFSET_COMMIT,
    /// and the client asks again (KIP-447). The member that version 9 names is checked for KIP-848 groups only; classic groups have no
    /// member epochs.
    /// </remarks>
    public OffsetFetchResponse FetchOffsets(RequestContext context, OffsetFetchRequest request)
    {
        if (context.ApiVersion >= 8)
        {
            return new OffsetFetchResponse
            {
                Groups = Array.ConvertAll(request.Groups, group => Fetch(context.ApiVersion, request.RequireStable, group)),
            };
        }

        lock (_gate)
        {
            if (_isStopped)
                return StoppedAnswer(context.ApiVersion, request);
            var offsets = _groups.GetValueOrDefault(request.GroupId)?.Offsets;
            return new OffsetFetchResponse
            {
                Topics = request.Topics is { } asked
                    ? Array.ConvertAll(asked, t => AnswerTopic(t.Name, t.PartitionIndexes, p => Answer(t.Name, p)))
                    : [.. (offsets?.Topics ?? []).Select(t => AnswerTopic(t.Key, t.Value.Keys, p => Answer(t.Key, p)))],
            };

            OffsetFetchResponse.OffsetFetchResponsePartition Answer(string topic, int partition) =>
                IsUnstable(offsets, topic, partition, request.RequireStable)
                    ? GroupCoordinator.Answer(partition, null, ErrorCode.UnstableOffsetCommit)
                    : GroupCoordinator.Answer(partition, offsets?.Find(topic, partition));
        }
    }

    // Version 1 has no error of its own for the group as a whole: each partition says it.
    private static OffsetFetchResponse StoppedAnswer(short version, OffsetFetchRequest request) => new()
    {
        ErrorCode = (short)ErrorCode.CoordinatorNotAvailable,
        Topics = version >= 2
            ? []
            : Array.ConvertAll(
                request.Topics ?? [],
                static t => AnswerTopic(t.Name, t.PartitionIndexes, static p => Answer(p, null, ErrorCode.CoordinatorNotAvailable))),
    };

    private static OffsetFetchResponse.OffsetFetchResponseTopic AnswerTopic(
        string name, IEnumerable<int> partitions, Func<int, OffsetFetchResponse.OffsetFetchResponsePartition> answer) =>
        new() { Name = name, Partitions = [.. partitions.Select(answer)] };

    private static OffsetFetchResponse.OffsetFetchResponsePartition Answer(
        int partition, CommittedOffset? offset, ErrorCode error = ErrorCode.None)
    {
        offset ??= NoOffset;
        return new OffsetFetchResponse.OffsetFetchResponsePartition
        {
            PartitionIndex = partition,
            CommittedOffset = offset.Offset,
            CommittedLeaderEpoch = offset.LeaderEpoch,
            Metadata = offset.Metadata,
            ErrorCode = (short)error,
        };
    }

    // Version 8 and later: several groups, and from version 10 on topics by their ids.
    private OffsetFetchResponse.OffsetFetchResponseGroup Fetch(
        short version, bool requireStable, OffsetFetchRequest.OffsetFetchRequestGroup request)
    {
        var response = new OffsetFetchResponse.OffsetFetchResponseGroup { GroupId = request.GroupId };
        lock (_gate)
        {
            if (_isStopped)
            {
                response.ErrorCode = (short)ErrorCode.CoordinatorNotAvailable;
                return response;
            }

            var offsets = _groups.GetValueOrDefault(request.GroupId)?.Offsets;
            var byId = version >= 10;
            response.Topics = request.Topics is { } asked
                ? Array.ConvertAll(asked, topic => FetchTopic(topic, offsets, byId, requireStable))
                : [.. FetchAll(offsets, byId, requireStable)];
            return response;
        }
    }

    private OffsetFetchResponse.OffsetFetchResponseTopics FetchTopic(
        OffsetFetchRequest.OffsetFetchRequestTopics topic, GroupOffsets? offsets, bool byId, bool requireStable)
    {
        var name = topic.Name;
        var isUnknown = byId && !_topics.TryGetName(topic.TopicId, out name);
        return new OffsetFetchResponse.OffsetFetchResponseTopics
        {
            Name = byId ? "" : topic.Name,
            TopicId = topic.TopicId,
            Partitions = Array.ConvertAll(
                topic.PartitionIndexes,
                p => isUnknown
                    ? AnswerPartition(p, null, ErrorCode.UnknownTopicId)
                    : AnswerPartition(offsets, name!, p, requireStable)),
        };
    }

    private IEnumerable<OffsetFetchResponse.OffsetFetchResponseTopics> FetchAll(
        GroupOffsets? offsets, bool byId, bool requireStable)
    {
        foreach (var (name, partitions) in offsets?.Topics ?? [])
        {
            // A topic that is being deleted has no id any more, and its offsets go with it.
            if (!_topics.TryGetTopic(name, out var id, out _) && byId)
                continue;
            yield return new OffsetFetchResponse.OffsetFetchResponseTopics
            {
                Name = byId ? "" : name,
                TopicId = byId ? id : Uuid.Zero,
                Partitions = [.. partitions.Keys.Select(p => AnswerPartition(offsets, name, p, requireStable))],
            };
        }
    }

    private static bool IsUnstable(GroupOffsets? offsets, string topic, int partition, bool requireStable) =>
        requireStable && offsets?.IsUnstable(new PartitionKey(topic, partition)) == true;

    private static OffsetFetchResponse.OffsetFetchResponsePartitions AnswerPartition(
        GroupOffsets? offsets, string topic, int partition, bool requireStable) =>
        IsUnstable(offsets, topic, partition, requireStable)
            ? AnswerPartition(partition, null, ErrorCode.UnstableOffsetCommit)
            : AnswerPartition(partition, offsets?.Find(topic, partition));

    private static OffsetFetchResponse.OffsetFetchResponsePartitions AnswerPartition(
        int partition, CommittedOffset? offset, ErrorCode error = ErrorCode.None)
    {
        offset ??= NoOffset;
        return new OffsetFetchResponse.OffsetFetchResponsePartitions
        {
            PartitionIndex = partition,
            CommittedOffset = offset.Offset,
            CommittedLeaderEpoch = offset.LeaderEpoch,
            Metadata = offset.Metadata,
            ErrorCode = (short)error,
        };
    }
}
