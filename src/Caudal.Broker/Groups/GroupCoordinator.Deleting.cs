using Caudal.Broker.Network;
using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <content>DeleteGroups, and what deletes offsets: the end of their topic, and their age.</content>
internal sealed partial class GroupCoordinator
{
    /// <summary>Deletes groups without members; answered when their end is in the log.</summary>
    /// <exception cref="OperationCanceledException">The client went away; the groups are deleted all the same.</exception>
    public async ValueTask<DeleteGroupsResponse> DeleteAsync(RequestContext context, DeleteGroupsRequest request)
    {
        var deletions = new Dictionary<string, Task<ErrorCode>>();
        lock (_gate)
        {
            foreach (var groupId in request.GroupsNames)
            {
                if (!deletions.ContainsKey(groupId))
                    deletions[groupId] = Delete_UnderLock(groupId);
            }
        }

        var results = new List<DeleteGroupsResponse.DeletableGroupResult>(deletions.Count);
        foreach (var (groupId, deletion) in deletions)
        {
            var error = await deletion.WaitAsync(context.CancellationToken).ConfigureAwait(false);
            results.Add(new DeleteGroupsResponse.DeletableGroupResult { GroupId = groupId, ErrorCode = (short)error });
        }

        return new DeleteGroupsResponse { Results = [.. results] };
    }

    /// <summary>Forgets all offsets in a topic that was deleted; completes when that is in the log.</summary>
    public async ValueTask OnTopicDeletedAsync(string topic)
    {
        var forgettings = new List<Task>();
        lock (_gate)
        {
            foreach (var group in _groups.Values)
            {
                // Commits under way are in the log before the deletion, so they are deleted too.
                var keys = group.Offsets.AllKeys().FindAll(key => key.Topic == topic);
                if (keys.Count > 0)
                    forgettings.Add(ForgetOffsets_UnderLock(group, keys));
            }
        }

        await Task.WhenAll(forgettings).ConfigureAwait(false);
    }

    private Task<ErrorCode> Delete_UnderLock(string groupId)
    {
        if (_isStopped)
            return Task.FromResult(ErrorCode.CoordinatorNotAvailable);
        if (!_groups.TryGetValue(groupId, out var group))
            return Task.FromResult(ErrorCode.GroupIdNotFound);
        return group.State == GroupState.Empty ? End_UnderLock(group, "a client asked for it") : Task.FromResult(ErrorCode.NonEmptyGroup);
    }

    // The group is gone from here on; a new one of its name begins with nothing, and its records come after these.
    private Task<ErrorCode> End_UnderLock(Group group, string reason)
    {
        Log.Deleted(_logger, group.Id, reason);
        foreach (var memberId in group.PendingMembers.Keys.ToArray())
            Forget_UnderLock(group, memberId);
        _groups.Remove(group.Id);
        var formerState = group.StateSinceMs;
        group.Enter(GroupState.Dead, NowMs);
        var now = NowMs;
        var records = group.Offsets.AllKeys().ConvertAll(key => OffsetsRecords.DeleteOffset(group.Id, key, now));
        records.Add(OffsetsRecords.DeleteGroup(group.Id, now));
        var done = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        Write_UnderLock(group.Id, records, error =>
        {
            // The log still has the group: so has the coordinator, unless there is a new one already.
            if (error != ErrorCode.None && _groups.TryAdd(group.Id, group))
                group.Enter(GroupState.Empty, formerState);
            done.TrySetResult(error);
        });
        return done.Task;
    }

    private Task<ErrorCode> ForgetOffsets_UnderLock(Group group, List<PartitionKey> keys)
    {
        var now = NowMs;
        var done = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        Write_UnderLock(group.Id, keys.ConvertAll(key => OffsetsRecords.DeleteOffset(group.Id, key, now)), error =>
        {
            if (error == ErrorCode.None)
                keys.ForEach(group.Offsets.Remove);
            done.TrySetResult(error);
        });
        return done.Task;
    }

    private void ExpireOffsets()
    {
        _deadlines.Set(_expiry, (long)_options.OffsetsRetentionCheckInterval.TotalMilliseconds);
        var expiry = new OffsetsExpiry(NowMs, (long)_options.OffsetsRetention.TotalMilliseconds);
        foreach (var group in _groups.Values.ToArray())
        {
            var expired = expiry.Find(group);
            if (OffsetsExpiry.IsOver(group, expired.Count))
                End_UnderLock(group, "it has no members, and its last offsets expired");
            else if (expired.Count > 0)
                ForgetOffsets_UnderLock(group, expired);
        }
    }
}
