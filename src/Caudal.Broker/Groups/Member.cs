using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <summary>A member of a group. Changed under the coordinator's lock only.</summary>
internal sealed class Member
{
    /// <summary>Creates a member that has just asked to join.</summary>
    /// <param name="id">The id that the coordinator gave it.</param>
    /// <param name="instanceId">The id of a static member; null for a dynamic one.</param>
    /// <param name="expired">What happens when its session ends.</param>
    public Member(string id, string? instanceId, Action<Member> expired)
    {
        Id = id;
        InstanceId = instanceId;
        Session = new Deadline(() => expired(this));
    }

    /// <summary>The id that the coordinator gave it; another one after a static member came back.</summary>
    public string Id { get; set; }

    /// <summary>The id of a static member, which survives its restarts; null for a dynamic member.</summary>
    public string? InstanceId { get; }

    /// <summary>The client id of its last join.</summary>
    public required string ClientId { get; set; }

    /// <summary>Where it joined from.</summary>
    public required string ClientHost { get; set; }

    /// <summary>How long it may be silent, in ms.</summary>
    public required int SessionTimeoutMs { get; set; }

    /// <summary>How long a rebalance waits for it, in ms.</summary>
    public required int RebalanceTimeoutMs { get; set; }

    /// <summary>The assignment protocols that it knows, the preferred one first, with its metadata as it was sent.</summary>
    public required JoinGroupRequest.JoinGroupRequestProtocol[] Protocols { get; set; }

    /// <summary>What it is to process in the present generation, as the leader sent it.</summary>
    public byte[] Assignment { get; set; } = [];

    /// <summary>
    /// Whether it has never been answered: it does not know its id, so it cannot send heartbeats, and may try again as another.
    /// </summary>
    public bool IsNew { get; set; }

    /// <summary>Its join that waits for the others; null if none does. Set through <see cref="Group.Park"/>.</summary>
    public TaskCompletionSource<JoinGroupResponse>? Join { get; set; }

    /// <summary>Its sync that waits for the leader's assignment; null if none does.</summary>
    public TaskCompletionSource<SyncGroupResponse>? Sync { get; set; }

    /// <summary>The end of its session.</summary>
    public Deadline Session { get; }

    /// <summary>What it sent for a protocol; empty if it does not know that one.</summary>
    public byte[] MetadataFor(string? protocol)
    {
        foreach (var candidate in Protocols)
        {
            if (candidate.Name == protocol)
                return candidate.Metadata;
        }

        return [];
    }

    /// <summary>Whether it sends the same protocols, in the same order, with the same metadata as before.</summary>
    public bool Matches(JoinGroupRequest.JoinGroupRequestProtocol[] protocols)
    {
        if (protocols.Length != Protocols.Length)
            return false;
        for (var i = 0; i < protocols.Length; i++)
        {
            if (protocols[i].Name != Protocols[i].Name || !protocols[i].Metadata.AsSpan().SequenceEqual(Protocols[i].Metadata))
                return false;
        }

        return true;
    }

    /// <summary>Whether it knows a protocol.</summary>
    public bool Knows(string protocol)
    {
        foreach (var candidate in Protocols)
        {
            if (candidate.Name == protocol)
                return true;
        }

        return false;
    }

    /// <summary>Answers the sync that waits, if one does.</summary>
    public void AnswerSync(SyncGroupResponse response)
    {
        var waiting = Sync;
        Sync = null;
        waiting?.TrySetResult(response);
    }
}
