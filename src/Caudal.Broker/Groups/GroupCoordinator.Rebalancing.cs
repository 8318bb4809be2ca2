using Caudal.Protocol;

namespace Caudal.Broker.Groups;

/// <content>
/// The life of a generation: Empty or Stable → PreparingRebalance (members join) → CompletingRebalance (the leader assigns) → Stable; and
/// what ends it: a member
/// that joins, leaves, or whose session or patience runs out.
/// </content>
internal sealed partial class GroupCoordinator
{
    // A member joined, left or changed: begins a rebalance, or looks whether the one that is under way is complete.
    private void Rebalance_UnderLock(Group group, string reason)
    {
        switch (group.State)
        {
            case GroupState.PreparingRebalance:
                TryCompleteJoin_UnderLock(group);
                break;
            case GroupState.Empty:
                Prepare_UnderLock(group, reason);
                DelayFirstGeneration_UnderLock(group);
                break;
            case GroupState.CompletingRebalance or GroupState.Stable:
                Prepare_UnderLock(group, reason);
                _deadlines.Set(group.JoinDeadline, group.RebalanceTimeoutMs);
                TryCompleteJoin_UnderLock(group);
                break;
        }
    }

    private void Prepare_UnderLock(Group group, string reason)
    {
        Log.Preparing(_logger, group.Id, group.Generation + 1, reason);
        if (group.State == GroupState.CompletingRebalance)
        {
            foreach (var member in group.Members.Values)
            {
                member.Assignment = [];
                EndSync_UnderLock(member, ErrorCode.RebalanceInProgress);
            }
        }

        DeadlineQueue.Cancel(group.SyncDeadline);
        group.PendingSync.Clear();
        group.Enter(GroupState.PreparingRebalance, NowMs);
    }

    // Only time ends the delay of a first generation: more members are expected, whoever has joined already.
    private void DelayFirstGeneration_UnderLock(Group group)
    {
        var delay = _options.InitialRebalanceDelayMs;
        if (delay == 0)
        {
            CompleteJoin_UnderLock(group);
            return;
        }

        group.IsInitialDelay = true;
        group.HasNewMember = false;
        group.InitialDelayLeftMs = Math.Max(group.RebalanceTimeoutMs - delay, 0);
        _deadlines.Set(group.JoinDeadline, delay);
    }

    private void OnJoinDeadline(Group group)
    {
        if (group.State != GroupState.PreparingRebalance)
            return;
        if (group.IsInitialDelay && group.HasNewMember && group.InitialDelayLeftMs > 0)
        {
            var delay = Math.Min(_options.InitialRebalanceDelayMs, group.InitialDelayLeftMs);
            group.HasNewMember = false;
            group.InitialDelayLeftMs -= delay;
            _deadlines.Set(group.JoinDeadline, delay);
            return;
        }

        CompleteJoin_UnderLock(group);
    }

    private void TryCompleteJoin_UnderLock(Group group)
    {
        if (group.State == GroupState.PreparingRebalance && !group.IsInitialDelay && group.HaveAllJoined)
            CompleteJoin_UnderLock(group);
    }

    private void CompleteJoin_UnderLock(Group group)
    {
        RemoveLaggards_UnderLock(group);
        // Only static members are left and none has come back: their sessions decide.
        if (!group.ElectJoinedLeader() && group.Members.Count > 0)
        {
            _deadlines.Set(group.JoinDeadline, group.RebalanceTimeoutMs);
            return;
        }

        DeadlineQueue.Cancel(group.JoinDeadline);
        group.IsInitialDelay = false;
        group.HasNewMember = false;
        group.Generation++;
        if (group.Members.Count == 0)
        {
            group.ProtocolName = null;
            group.Enter(GroupState.Empty, NowMs);
            // Nobody waits for this: if the append fails the group comes back with members whose sessions end soon.
            Store_UnderLock(group, static _ => [], static _ => { });
        }
        else
        {
            Begin_UnderLock(group);
        }

        Log.Began(_logger, group.Id, group.Generation, group.Members.Count, group.ProtocolName);
    }

    private void Begin_UnderLock(Group group)
    {
        Interlocked.Increment(ref _rebalances);
        group.ProtocolName = group.ElectProtocol();
        group.Enter(GroupState.CompletingRebalance, NowMs);
        foreach (var member in group.Members.Values)
        {
            group.AnswerJoin(member, JoinAnswer(group, member));
            member.IsNew = false;
            Touch_UnderLock(member);
            group.PendingSync.Add(member.Id);
        }

        _deadlines.Set(group.SyncDeadline, group.RebalanceTimeoutMs);
    }

    // Static members may be away for as long as their session allows; dynamic ones had their time.
    private void RemoveLaggards_UnderLock(Group group)
    {
        foreach (var member in group.Members.Values.Where(static m => m.Join is null && m.InstanceId is null).ToArray())
            Remove_UnderLock(group, member, "it did not join again in time");
    }

    // A member joined the generation but never asked for its assignment.
    private void OnSyncDeadline(Group group)
    {
        if (group.State is not (GroupState.CompletingRebalance or GroupState.Stable) || group.PendingSync.Count == 0)
            return;
        foreach (var memberId in group.PendingSync.ToArray())
        {
            if (group.Members.TryGetValue(memberId, out var member))
                Remove_UnderLock(group, member, "it did not ask for its assignment in time");
        }

        Rebalance_UnderLock(group, "members did not ask for their assignment in time");
    }

    private void OnSessionEnded(Group group, Member member)
    {
        // Somebody who waits for an answer is alive, but for one that nobody may be waiting behind any more.
        if (!group.Members.ContainsKey(member.Id) || (!member.IsNew && (member.Join is not null || member.Sync is not null)))
            return;
        Remove_UnderLock(group, member, "its session ended without a heartbeat");
        Rebalance_UnderLock(group, $"the session of member '{member.Id}' ended");
    }

    private void OnReservationEnded(Group group, string memberId)
    {
        if (group.PendingMembers.Remove(memberId))
            TryCompleteJoin_UnderLock(group);
    }

    // Takes a member out. The caller looks after the rebalance that follows.
    private void Remove_UnderLock(Group group, Member member, string reason)
    {
        Log.Removed(_logger, member.Id, group.Id, reason);
        DeadlineQueue.Cancel(member.Session);
        Dismiss(group, member, ErrorCode.UnknownMemberId);
        group.Remove(member);
    }

    // Ends the reservation of a member id, if it is one.
    private static bool Forget_UnderLock(Group group, string memberId)
    {
        if (!group.PendingMembers.Remove(memberId, out var reservation))
            return false;
        DeadlineQueue.Cancel(reservation);
        return true;
    }
}
