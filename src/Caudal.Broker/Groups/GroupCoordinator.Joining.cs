using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <content>JoinGroup: who may become a member, and who starts a rebalance.</content>
internal sealed partial class GroupCoordinator
{
    // A member that never learnt its id cannot send heartbeats; it tries again as somebody else. After this time it is given up (as in
    // Kafka).
    private const int NewMemberJoinTimeoutMs = 5 * 60 * 1000;

    /// <summary>Joins a group; completes when the generation begins.</summary>
    /// <exception cref="OperationCanceledException">The client went away; its member stays until its session ends.</exception>
    public async ValueTask<JoinGroupResponse> JoinAsync(RequestContext context, JoinGroupRequest request)
    {
        var response = await Join(context, request).WaitAsync(context.CancellationToken).ConfigureAwait(false);
        // Null came with version 7; before, errors say it with an empty name.
        if (context.ApiVersion < 7)
            response.ProtocolName ??= "";
        return response;
    }

    private Task<JoinGroupResponse> Join(RequestContext context, JoinGroupRequest request)
    {
        if (request.GroupId.Length == 0)
            return Refuse(request, ErrorCode.InvalidGroupId);
        if (request.SessionTimeoutMs < _options.MinSessionTimeoutMs || request.SessionTimeoutMs > _options.MaxSessionTimeoutMs)
            return Refuse(request, ErrorCode.InvalidSessionTimeout);
        lock (_gate)
        {
            if (_isStopped)
                return Refuse(request, ErrorCode.CoordinatorNotAvailable);
            // Only somebody without an id may found a group: who brings one was a member of a group that is gone.
            if (request.MemberId.Length > 0 && !_groups.ContainsKey(request.GroupId))
                return Refuse(request, ErrorCode.UnknownMemberId);
            var group = GetOrCreate_UnderLock(request.GroupId);
            if (!HasRoomFor(group, request.MemberId))
            {
                Forget_UnderLock(group, request.MemberId);
                return Refuse(request, ErrorCode.GroupMaxSizeReached);
            }

            if (!group.Accepts(request.ProtocolType, request.Protocols))
                return Refuse(request, ErrorCode.InconsistentGroupProtocol);
            return request.MemberId.Length == 0
                ? JoinNew_UnderLock(group, context, request)
                : JoinAgain_UnderLock(group, context, request);
        }
    }

    private Task<JoinGroupResponse> JoinNew_UnderLock(Group group, RequestContext context, JoinGroupRequest request)
    {
        if (request.GroupInstanceId is { } instanceId)
        {
            var newId = NewMemberId(instanceId);
            return group.TryGetStatic(instanceId, out var known)
                ? Replace_UnderLock(group, known, newId, context, request)
                : Add_UnderLock(group, newId, context, request);
        }

        var memberId = NewMemberId(context.ClientId);
        // Before KIP-394 a client that lost the answer left a member behind that nobody served.
        if (context.ApiVersion < 4)
            return Add_UnderLock(group, memberId, context, request);
        var reservation = new Deadline(() => OnReservationEnded(group, memberId));
        group.PendingMembers[memberId] = reservation;
        _deadlines.Set(reservation, request.SessionTimeoutMs);
        return Task.FromResult(JoinError(memberId, ErrorCode.MemberIdRequired));
    }

    private Task<JoinGroupResponse> JoinAgain_UnderLock(Group group, RequestContext context, JoinGroupRequest request)
    {
        if (request.GroupInstanceId is null && Forget_UnderLock(group, request.MemberId))
            return Add_UnderLock(group, request.MemberId, context, request);
        if (group.Check(request.MemberId, request.GroupInstanceId) is var error and not ErrorCode.None)
            return Refuse(request, error);
        var member = group.Members[request.MemberId];
        // One that was never answered keeps the time that it was given.
        if (!member.IsNew)
            Touch_UnderLock(member);
        var isSame = member.Matches(request.Protocols);
        switch (group.State)
        {
            // It lost the answer to its join: the generation has not changed meanwhile.
            case GroupState.CompletingRebalance when isSame:
            case GroupState.Stable when isSame && group.LeaderId != member.Id:
                return Task.FromResult(JoinAnswer(group, member));
            default:
                Update(member, context, request);
                var answer = group.Park(member);
                Rebalance_UnderLock(group, $"member '{member.Id}' joined again: {request.Reason ?? "no reason given"}");
                return answer;
        }
    }

    private Task<JoinGroupResponse> Add_UnderLock(Group group, string memberId, RequestContext context, JoinGroupRequest request)
    {
        var member = new Member(memberId, request.GroupInstanceId, expired => OnSessionEnded(group, expired))
        {
            ClientId = context.ClientId,
            ClientHost = context.ClientHost,
            SessionTimeoutMs = request.SessionTimeoutMs,
            RebalanceTimeoutMs = RebalanceTimeoutOf(request),
            Protocols = request.Protocols,
            IsNew = true,
        };
        group.Add(member, request.ProtocolType);
        group.HasNewMember = true;
        _deadlines.Set(member.Session, NewMemberJoinTimeoutMs);
        var answer = group.Park(member);
        Rebalance_UnderLock(group, $"member '{memberId}' joins: {request.Reason ?? "no reason given"}");
        return answer;
    }

    // A static member came back without its member id, after a restart.
    private Task<JoinGroupResponse> Replace_UnderLock(
        Group group, Member member, string newId, RequestContext context, JoinGroupRequest request)
    {
        // Its former life may still wait, if two processes share the instance id: the younger one wins.
        Dismiss(group, member, ErrorCode.FencedInstanceId);
        var formerLeader = group.LeaderId!;
        group.Rename(member, newId);
        Update(member, context, request);
        member.IsNew = false;
        Touch_UnderLock(member);
        if (group.State != GroupState.Stable || group.ElectProtocol() != group.ProtocolName)
        {
            var answer = group.Park(member);
            Rebalance_UnderLock(group, $"static member '{request.GroupInstanceId}' came back as '{newId}'");
            return answer;
        }

        // The assignment still fits: no rebalance. Others must not be told the new id before it is durable.
        var response = JoinAnswer(group, member);
        if (context.ApiVersion >= 9)
        {
            response.SkipAssignment = group.LeaderId == newId;
        }
        else
        {
            // Clients before KIP-814 would compute an assignment if they were told that they lead.
            response.Leader = formerLeader;
            response.Members = [];
        }

        var waiting = new TaskCompletionSource<JoinGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        Store_UnderLock(
            group,
            static m => m.Assignment,
            error => waiting.TrySetResult(error == ErrorCode.None ? response : JoinError(newId, error)));
        return waiting.Task;
    }

    private static JoinGroupResponse JoinAnswer(Group group, Member member) => new()
    {
        GenerationId = group.Generation,
        ProtocolType = group.ProtocolType,
        ProtocolName = group.ProtocolName,
        Leader = group.LeaderId!,
        MemberId = member.Id,
        Members = member.Id == group.LeaderId ? MembersOf(group) : [],
    };

    private static JoinGroupResponse.JoinGroupResponseMember[] MembersOf(Group group)
    {
        var members = new JoinGroupResponse.JoinGroupResponseMember[group.Members.Count];
        var index = 0;
        foreach (var member in group.Members.Values)
        {
            members[index++] = new JoinGroupResponse.JoinGroupResponseMember
            {
                MemberId = member.Id,
                GroupInstanceId = member.InstanceId,
                Metadata = member.MetadataFor(group.ProtocolName),
            };
        }

        return members;
    }

    private static void Update(Member member, RequestContext context, JoinGroupRequest request)
    {
        member.ClientId = context.ClientId;
        member.ClientHost = context.ClientHost;
        member.SessionTimeoutMs = request.SessionTimeoutMs;
        member.RebalanceTimeoutMs = RebalanceTimeoutOf(request);
        member.Protocols = request.Protocols;
    }

    // Version 0 has no rebalance timeout: the field keeps its default.
    private static int RebalanceTimeoutOf(JoinGroupRequest request) =>
        request.RebalanceTimeoutMs >= 0 ? request.RebalanceTimeoutMs : request.SessionTimeoutMs;

    // Members of a rebalance count when they join, so that those who were there before are not shut out by newcomers alone.
    private bool HasRoomFor(Group group, string memberId) => group.State switch
    {
        GroupState.PreparingRebalance =>
            group.JoiningCount < _options.MaxSize || (group.Members.TryGetValue(memberId, out var member) && member.Join is not null),
        GroupState.CompletingRebalance or GroupState.Stable =>
            group.Members.Count < _options.MaxSize || group.Members.ContainsKey(memberId),
        _ => true,
    };

    private static string NewMemberId(string prefix) => $"{prefix}-{Guid.NewGuid()}";

    private static Task<JoinGroupResponse> Refuse(JoinGroupRequest request, ErrorCode error) =>
        Task.FromResult(JoinError(request.MemberId, error));
}
