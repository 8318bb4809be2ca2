using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <content>LeaveGroup: members that go, or that an administrator removes.</content>
internal sealed partial class GroupCoordinator
{
    /// <summary>Takes members out of a group. One that is not known is an error of its own, not of the others.</summary>
    public LeaveGroupResponse Leave(RequestContext context, LeaveGroupRequest request)
    {
        if (request.GroupId.Length == 0)
            return new LeaveGroupResponse { ErrorCode = (short)ErrorCode.InvalidGroupId };
        var leaving = context.ApiVersion >= 3
            ? request.Members
            : [new LeaveGroupRequest.MemberIdentity { MemberId = request.MemberId }];
        var members = new LeaveGroupResponse.MemberResponse[leaving.Length];
        lock (_gate)
        {
            if (_isStopped)
                return new LeaveGroupResponse { ErrorCode = (short)ErrorCode.CoordinatorNotAvailable };
            _groups.TryGetValue(request.GroupId, out var group);
            var before = group?.Members.Count;
            for (var i = 0; i < leaving.Length; i++)
            {
                members[i] = new LeaveGroupResponse.MemberResponse
                {
                    MemberId = leaving[i].MemberId,
                    GroupInstanceId = leaving[i].GroupInstanceId,
                    ErrorCode = (short)(group is null ? ErrorCode.UnknownMemberId : Leave_UnderLock(group, leaving[i])),
                };
            }

            if (group is null)
                return Answer();
            // A reservation that was given up may have been all that a rebalance waited for; no member is gone by it.
            if (group.Members.Count < before)
                Rebalance_UnderLock(group, "members left");
            else
                TryCompleteJoin_UnderLock(group);
        }

        return Answer();

        LeaveGroupResponse Answer() => context.ApiVersion >= 3
            ? new LeaveGroupResponse { Members = members }
            : new LeaveGroupResponse { ErrorCode = members[0].ErrorCode };
    }

    private ErrorCode Leave_UnderLock(Group group, LeaveGroupRequest.MemberIdentity leaving)
    {
        // An administrator knows a static member by its instance id alone.
        if (leaving is { MemberId: "", GroupInstanceId: { } instanceId })
        {
            if (!group.TryGetStatic(instanceId, out var known))
                return ErrorCode.UnknownMemberId;
            Remove_UnderLock(group, known, leaving.Reason ?? "it was removed by its instance id");
            return ErrorCode.None;
        }

        if (leaving.GroupInstanceId is null && Forget_UnderLock(group, leaving.MemberId))
            return ErrorCode.None;
        if (group.Check(leaving.MemberId, leaving.GroupInstanceId) is var error and not ErrorCode.None)
            return error;
        Remove_UnderLock(group, group.Members[leaving.MemberId], leaving.Reason ?? "it left");
        return ErrorCode.None;
    }
}
