using System.Diagnostics.CodeAnalysis;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <summary>
/// A classic group: its members, its generation, its offsets. It knows what is so; the <see cref="GroupCoordinator"/> decides what happens.
/// </summary>
/// <remarks>Changed and read under the coordinator's lock.</remarks>
internal sealed class Group
{
    private readonly Dictionary<string, string> _staticMembers = [];

    /// <summary>Creates a group without members.</summary>
    /// <param name="id">The group's id.</param>
    /// <param name="joinEnded">What happens when the wait for joins is over.</param>
    /// <param name="syncEnded">What happens when the wait for syncs is over.</param>
    public Group(string id, Action<Group> joinEnded, Action<Group> syncEnded)
    {
        Id = id;
        JoinDeadline = new Deadline(() => joinEnded(this));
        SyncDeadline = new Deadline(() => syncEnded(this));
    }

    /// <summary>The group's id.</summary>
    public string Id { get; }

    /// <summary>The state.</summary>
    public GroupState State { get; private set; } = GroupState.Empty;

    /// <summary>Since when it is in that state, in ms since 1970; −1 if it never was in another.</summary>
    public long StateSinceMs { get; set; } = -1;

    /// <summary>The number of the generation; it only grows.</summary>
    public int Generation { get; set; }

    /// <summary>What the group is for, as its first member said; null if it never had one. It outlives the members.</summary>
    public string? ProtocolType { get; set; }

    /// <summary>The assignment protocol of the present generation; null without members.</summary>
    public string? ProtocolName { get; set; }

    /// <summary>The member that computes assignments; null without members.</summary>
    public string? LeaderId { get; set; }

    /// <summary>The members in the order in which they joined.</summary>
    public OrderedDictionary<string, Member> Members { get; } = [];

    /// <summary>Ids that were given out but not used yet (KIP-394), each with the end of its reservation.</summary>
    public Dictionary<string, Deadline> PendingMembers { get; } = [];

    /// <summary>The members of this generation that have not asked for their assignment yet.</summary>
    public HashSet<string> PendingSync { get; } = [];

    /// <summary>How many members wait in a join.</summary>
    public int JoiningCount { get; private set; }

    /// <summary>Whether the group waits for its first members: only time ends this wait.</summary>
    public bool IsInitialDelay { get; set; }

    /// <summary>Whether a member came during the present piece of the initial delay.</summary>
    public bool HasNewMember { get; set; }

    /// <summary>How much longer the initial delay may be extended, in ms.</summary>
    public int InitialDelayLeftMs { get; set; }

    /// <summary>The end of the wait for joins.</summary>
    public Deadline JoinDeadline { get; }

    /// <summary>The end of the wait for syncs.</summary>
    public Deadline SyncDeadline { get; }

    /// <summary>The committed offsets.</summary>
    public GroupOffsets Offsets { get; } = new();

    /// <summary>How long a rebalance may take: as long as the most patient member allows, in ms.</summary>
    public int RebalanceTimeoutMs
    {
        get
        {
            var longest = 0;
            foreach (var member in Members.Values)
                longest = Math.Max(longest, member.RebalanceTimeoutMs);
            return longest;
        }
    }

    /// <summary>Whether all known members wait in a join, and nobody else is expected.</summary>
    public bool HaveAllJoined => JoiningCount == Members.Count && PendingMembers.Count == 0;

    /// <summary>Enters a state.</summary>
    public void Enter(GroupState state, long nowMs)
    {
        State = state;
        StateSinceMs = nowMs;
    }

    /// <summary>Finds the member of an instance id.</summary>
    public bool TryGetStatic(string instanceId, [NotNullWhen(true)] out Member? member)
    {
        member = null;
        return _staticMembers.TryGetValue(instanceId, out var id) && Members.TryGetValue(id, out member);
    }

    /// <summary>Says why a request in the name of a member must be refused; <see cref="ErrorCode.None"/> if it is that member's.</summary>
    public ErrorCode Check(string memberId, string? instanceId)
    {
        if (instanceId is not null)
        {
            if (!TryGetStatic(instanceId, out var owner))
                return ErrorCode.UnknownMemberId;
            if (owner.Id != memberId)
                return ErrorCode.FencedInstanceId;
        }

        return Members.ContainsKey(memberId) ? ErrorCode.None : ErrorCode.UnknownMemberId;
    }

    /// <summary>Takes a member in. The first one leads and says what the group is for.</summary>
    public void Add(Member member, string protocolType)
    {
        if (Members.Count == 0)
            ProtocolType = protocolType;
        LeaderId ??= member.Id;
        Members.Add(member.Id, member);
        if (member.InstanceId is { } instanceId)
            _staticMembers[instanceId] = member.Id;
    }

    /// <summary>Takes a member out; if it led, another leads. Its waiting requests must have been answered.</summary>
    public void Remove(Member member)
    {
        Members.Remove(member.Id);
        PendingSync.Remove(member.Id);
        if (member.InstanceId is { } instanceId && _staticMembers.GetValueOrDefault(instanceId) == member.Id)
            _staticMembers.Remove(instanceId);
        if (LeaderId == member.Id)
            LeaderId = Members.Count > 0 ? Members.GetAt(0).Key : null;
    }

    /// <summary>Gives a static member that came back its new id, in its old place.</summary>
    public void Rename(Member member, string newId)
    {
        var index = Members.IndexOf(member.Id);
        Members.RemoveAt(index);
        Members.Insert(index, newId, member);
        if (PendingSync.Remove(member.Id))
            PendingSync.Add(newId);
        if (LeaderId == member.Id)
            LeaderId = newId;
        _staticMembers[member.InstanceId!] = newId;
        member.Id = newId;
    }

    /// <summary>
    /// Lets a member wait in a join. A join of the same member that waits already, on a connection that is most likely gone, is sent back.
    /// </summary>
    public Task<JoinGroupResponse> Park(Member member)
    {
        AnswerJoin(member, new JoinGroupResponse
        {
            MemberId = member.Id,
            ErrorCode = (short)ErrorCode.RebalanceInProgress,
            ProtocolName = null,
        });
        member.Join = new TaskCompletionSource<JoinGroupResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        JoiningCount++;
        return member.Join.Task;
    }

    /// <summary>Answers the join in which a member waits, if it does.</summary>
    public void AnswerJoin(Member member, JoinGroupResponse response)
    {
        if (member.Join is not { } waiting)
            return;
        member.Join = null;
        JoiningCount--;
        waiting.TrySetResult(response);
    }

    /// <summary>Whether somebody with these protocols could be a member along with the others.</summary>
    public bool Accepts(string protocolType, JoinGroupRequest.JoinGroupRequestProtocol[] protocols)
    {
        if (protocolType.Length == 0 || protocols.Length == 0)
            return false;
        if (State == GroupState.Empty)
            return true;
        if (ProtocolType != protocolType)
            return false;
        foreach (var protocol in protocols)
        {
            if (KnownToAll(protocol.Name))
                return true;
        }

        return false;
    }

    /// <summary>
    /// The protocol of the next generation: of those that all members know, the one that most members prefer; the eldest member's choice
    /// among equals.
    /// </summary>
    public string ElectProtocol()
    {
        var votes = new OrderedDictionary<string, int>();
        foreach (var member in Members.Values)
        {
            foreach (var protocol in member.Protocols)
            {
                if (!KnownToAll(protocol.Name))
                    continue;
                votes[protocol.Name] = votes.GetValueOrDefault(protocol.Name) + 1;
                break;
            }
        }

        return votes.MaxBy(vote => vote.Value).Key;
    }

    /// <summary>Makes sure that the leader is a member that joins this time.</summary>
    /// <returns>False if no member does.</returns>
    public bool ElectJoinedLeader()
    {
        if (LeaderId is { } leader && Members.TryGetValue(leader, out var present) && present.Join is not null)
            return true;
        foreach (var member in Members.Values)
        {
            if (member.Join is null)
                continue;
            LeaderId = member.Id;
            return true;
        }

        return false;
    }

    private bool KnownToAll(string protocol)
    {
        foreach (var member in Members.Values)
        {
            if (!member.Knows(protocol))
                return false;
        }

        return true;
    }
}
