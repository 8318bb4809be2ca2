using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <content>
/// SyncGroup and Heartbeat: the assignment comes in from the leader and goes out to all; then members show that they are alive.
/// </content>
internal sealed partial class GroupCoordinator
{
    /// <summary>Hands in the leader's assignment, or asks for one's own; completes when it is in the log.</summary>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async ValueTask<SyncGroupResponse> SyncAsync(RequestContext context, SyncGroupRequest request) =>
        await Sync(request).WaitAsync(context.CancellationToken).ConfigureAwait(false);

    /// <summary>Keeps a member's session alive, and tells it of a rebalance.</summary>
    public HeartbeatResponse Heartbeat(RequestContext context, HeartbeatRequest request)
    {
        _ = context;
        return new HeartbeatResponse { ErrorCode = (short)Beat(request) };
    }

    private Task<SyncGroupResponse> Sync(SyncGroupRequest request)
    {
        if (request.GroupId.Length == 0)
            return Refuse(ErrorCode.InvalidGroupId);
        lock (_gate)
        {
            if (_isStopped)
                return Refuse(ErrorCode.CoordinatorNotAvailable);
            if (!_groups.TryGetValue(request.GroupId, out var group))
                return Refuse(ErrorCode.UnknownMemberId);
            if (group.Check(request.MemberId, request.GroupInstanceId) is var error and not ErrorCode.None)
                return Refuse(error);
            if (request.GenerationId != group.Generation)
                return Refuse(ErrorCode.IllegalGeneration);
            if (Differs(request.ProtocolType, group.ProtocolType) || Differs(request.ProtocolName, group.ProtocolName))
                return Refuse(ErrorCode.InconsistentGroupProtocol);
            var member = group.Members[request.MemberId];
            switch (group.State)
            {
                case GroupState.PreparingRebalance:
                    return Refuse(ErrorCode.RebalanceInProgress);
                case GroupState.Stable:
                    NoteSync_UnderLock(group, member);
                    Touch_UnderLock(member);
                    return Task.FromResult(SyncAnswer(group, member));
                case GroupState.CompletingRebalance:
                    return Park_UnderLock(group, member, request);
                default:
                    return Refuse(ErrorCode.UnknownMemberId);
            }
        }

        static bool Differs(string? asked, string? actual) => asked is not null && actual is not null && asked != actual;
        static Task<SyncGroupResponse> Refuse(ErrorCode error) => Task.FromResult(SyncError(error));
    }

    private Task<SyncGroupResponse> Park_UnderLock(Group group, Member member, SyncGroupRequest request)
    {
        // An earlier attempt of the same member, on a connection that is most likely gone.
        member.AnswerSync(SyncError(ErrorCode.RebalanceInProgress));
        member.Sync = new TaskCompletionSource<SyncGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        Touch_UnderLock(member);
        NoteSync_UnderLock(group, member);
        var waiting = member.Sync.Task;
        if (member.Id == group.LeaderId)
            Assign_UnderLock(group, request.Assignments);
        return waiting;
    }

    private static void NoteSync_UnderLock(Group group, Member member)
    {
        if (group.PendingSync.Remove(member.Id) && group.PendingSync.Count == 0)
            DeadlineQueue.Cancel(group.SyncDeadline);
    }

    private void Assign_UnderLock(Group group, SyncGroupRequest.SyncGroupRequestAssignment[] assignments)
    {
        var generation = group.Generation;
        var byMember = new Dictionary<string, byte[]>(assignments.Length);
        foreach (var assignment in assignments)
            byMember[assignment.MemberId] = assignment.Assignment;
        Store_UnderLock(group, AssignmentOf, error =>
        {
            // A rebalance that began meanwhile has sent all syncs back already.
            if (group.State != GroupState.CompletingRebalance || group.Generation != generation)
                return;
            if (error == ErrorCode.None)
                group.Enter(GroupState.Stable, NowMs);
            foreach (var member in group.Members.Values)
            {
                member.Assignment = error == ErrorCode.None ? AssignmentOf(member) : [];
                EndSync_UnderLock(member, error, group);
            }

            if (error != ErrorCode.None)
                Rebalance_UnderLock(group, "the assignment could not be written");
        });

        byte[] AssignmentOf(Member member) => byMember.GetValueOrDefault(member.Id, []);
    }

    // Answers a sync that waits. The session begins again: while the member waited its end was overlooked.
    private void EndSync_UnderLock(Member member, ErrorCode error, Group? group = null)
    {
        Touch_UnderLock(member);
        if (member.Sync is not null)
            member.AnswerSync(error == ErrorCode.None ? SyncAnswer(group!, member) : SyncError(error));
    }

    private static SyncGroupResponse SyncAnswer(Group group, Member member) => new()
    {
        ProtocolType = group.ProtocolType,
        ProtocolName = group.ProtocolName,
        Assignment = member.Assignment,
    };

    private ErrorCode Beat(HeartbeatRequest request)
    {
        if (request.GroupId.Length == 0)
            return ErrorCode.InvalidGroupId;
        lock (_gate)
        {
            if (_isStopped)
                return ErrorCode.CoordinatorNotAvailable;
            if (!_groups.TryGetValue(request.GroupId, out var group))
                return ErrorCode.UnknownMemberId;
            if (group.Check(request.MemberId, request.GroupInstanceId) is var error and not ErrorCode.None)
                return error;
            if (request.GenerationId != group.Generation)
                return ErrorCode.IllegalGeneration;
            Touch_UnderLock(group.Members[request.MemberId]);
            // While the assignment is awaited members have joined already and have nothing to do: no error.
            return group.State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        }
    }
}
