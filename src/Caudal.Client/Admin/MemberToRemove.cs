namespace Caudal.Client;

/// <summary>A member that is to be put out of its group.</summary>
public sealed record MemberToRemove
{
    private MemberToRemove(string memberId, string? instanceId)
    {
        MemberId = memberId;
        InstanceId = instanceId;
    }

    internal string MemberId { get; }

    internal string? InstanceId { get; }

    /// <summary>A dynamic member, by the id that the coordinator gave it.</summary>
    public static MemberToRemove ById(string memberId) => new(memberId, null);

    /// <summary>A static member, by its <c>group.instance.id</c>.</summary>
    public static MemberToRemove ByInstance(string instanceId) => new("", instanceId);

    /// <summary>For errors.</summary>
    public override string ToString() => InstanceId ?? MemberId;
}
