using Caudal.Broker.Network;
using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <content>OffsetCommit: who may commit, and what; answered when the offsets are in the log.</content>
internal sealed partial class GroupCoordinator
{
    /// <summary>Stores offsets. They are seen by <see cref="FetchOffsets"/> once this completes.</summary>
    /// <exception cref="OperationCanceledException">The client went away; the offsets are stored all the same.</exception>
    public async ValueTask<OffsetCommitResponse> CommitAsync(RequestContext context, OffsetCommitRequest request)
    {
        var commit = new Commit(request.Topics.Length);
        foreach (var topic in request.Topics)
            commit.Topics.Add(Check(context.ApiVersion, topic, commit));
        // An empty commit is a sign of life as well.
        var error = await StoreOffsets(context, request, commit).WaitAsync(context.CancellationToken).ConfigureAwait(false);
        commit.SetError(error);
        return new OffsetCommitResponse { Topics = [.. commit.Topics] };
    }

    private OffsetCommitResponse.OffsetCommitResponseTopic Check(
        short version, OffsetCommitRequest.OffsetCommitRequestTopic topic, Commit commit)
    {
        var (name, id, partitionCount, missing) = Resolve(version, topic);
        var results = new OffsetCommitResponse.OffsetCommitResponsePartition[topic.Partitions.Length];
        for (var i = 0; i < results.Length; i++)
        {
            var partition = topic.Partitions[i];
            var error = (uint)partition.PartitionIndex >= (uint)partitionCount ? missing
                : partition.CommittedMetadata?.Length > _options.MaxMetadataLength ? ErrorCode.OffsetMetadataTooLarge
                : ErrorCode.None;
            results[i] = new OffsetCommitResponse.OffsetCommitResponsePartition
            {
                PartitionIndex = partition.PartitionIndex,
                ErrorCode = (short)error,
            };
            if (error == ErrorCode.None)
                commit.Accepted.Add(new Accepted(new PartitionKey(name, partition.PartitionIndex), id, partition, results[i]));
        }

        return new OffsetCommitResponse.OffsetCommitResponseTopic { Name = topic.Name, TopicId = topic.TopicId, Partitions = results };
    }

    private (string Name, Uuid Id, int Partitions, ErrorCode Missing) Resolve(
        short version, OffsetCommitRequest.OffsetCommitRequestTopic topic)
    {
        var name = topic.Name;
        if (version >= 10 && !_topics.TryGetName(topic.TopicId, out name))
            return ("", topic.TopicId, 0, ErrorCode.UnknownTopicId);
        return _topics.TryGetTopic(name, out var id, out var partitions)
            ? (name, id, partitions, ErrorCode.UnknownTopicOrPartition)
            : (name, Uuid.Zero, 0, ErrorCode.UnknownTopicOrPartition);
    }

    // Completes with the error of the group as a whole, which all partitions get that had none of their own.
    private Task<ErrorCode> StoreOffsets(RequestContext context, OffsetCommitRequest request, Commit commit)
    {
        lock (_gate)
        {
            if (_isStopped)
                return Task.FromResult(ErrorCode.CoordinatorNotAvailable);
            if (!_groups.TryGetValue(request.GroupId, out var group))
            {
                // Without a generation it is a group that only keeps offsets: it needs no members, and need not exist yet.
                if (request.GenerationIdOrMemberEpoch >= 0)
                    return Task.FromResult(context.ApiVersion >= 9 ? ErrorCode.GroupIdNotFound : ErrorCode.IllegalGeneration);
                if (commit.Accepted.Count == 0)
                    return Task.FromResult(ErrorCode.None);
                group = GetOrCreate_UnderLock(request.GroupId);
            }

            if (CheckCommit(group, request) is var error and not ErrorCode.None)
                return Task.FromResult(error);
            if (group.Members.TryGetValue(request.MemberId, out var member))
                Touch_UnderLock(member);
            return commit.Accepted.Count == 0 ? Task.FromResult(ErrorCode.None) : Append_UnderLock(group, request, commit);
        }
    }

    private static ErrorCode CheckCommit(Group group, OffsetCommitRequest request)
    {
        var generation = request.GenerationIdOrMemberEpoch;
        if (generation < 0 && group.State == GroupState.Empty)
            return ErrorCode.None;
        // Offsets of a group with members are theirs: nobody else may move them.
        if (generation < 0 && request.MemberId.Length == 0 && request.GroupInstanceId is null)
            return ErrorCode.UnknownMemberId;
        if (group.Check(request.MemberId, request.GroupInstanceId) is var error and not ErrorCode.None)
            return error;
        if (generation != group.Generation)
            return ErrorCode.IllegalGeneration;
        // A member that knows this generation has no assignment of it yet. One of the old generation commits what it processed before it
        // joins again.
        return group.State == GroupState.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
    }

    private Task<ErrorCode> Append_UnderLock(Group group, OffsetCommitRequest request, Commit commit)
    {
        var now = NowMs;
        var expires = request.RetentionTimeMs >= 0 ? now + request.RetentionTimeMs : -1;
        var offsets = new CommittedOffset[commit.Accepted.Count];
        var records = new List<StateRecord>(offsets.Length);
        for (var i = 0; i < offsets.Length; i++)
        {
            var (key, topicId, asked, _) = commit.Accepted[i];
            offsets[i] = new CommittedOffset(
                asked.CommittedOffset, asked.CommittedLeaderEpoch, asked.CommittedMetadata ?? "", now, topicId, expires)
            {
                Order = ++_order,
            };
            records.Add(OffsetsRecords.Commit(group.Id, key, offsets[i]));
            group.Offsets.Begin(key);
        }

        var done = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        Write_UnderLock(group.Id, records, error =>
        {
            for (var i = 0; i < offsets.Length; i++)
                group.Offsets.End(commit.Accepted[i].Key, error == ErrorCode.None ? offsets[i] : null);
            done.TrySetResult(error);
        });
        return done.Task;
    }

    // A partition that passed the checks which do not concern the group.
    private readonly record struct Accepted(
        PartitionKey Key,
        Uuid TopicId,
        OffsetCommitRequest.OffsetCommitRequestPartition Asked,
        OffsetCommitResponse.OffsetCommitResponsePartition Result);

    private sealed class Commit(int topicCount)
    {
        public List<OffsetCommitResponse.OffsetCommitResponseTopic> Topics { get; } = new(topicCount);

        public List<Accepted> Accepted { get; } = [];

        public void SetError(ErrorCode error)
        {
            foreach (var accepted in Accepted)
                accepted.Result.ErrorCode = (short)error;
        }
    }
}
