namespace Caudal.Client.Groups;

/// <summary>Who commits. Without a membership the coordinator takes anybody's offsets while the group has no members.</summary>
/// <param name="MemberId">The id that the coordinator gave; empty for none.</param>
/// <param name="Generation">The generation of the group that the member belongs to; −1 for none.</param>
/// <param name="InstanceId">The static member's id, or null.</param>
internal sealed record MemberIdentity(string MemberId, int Generation, string? InstanceId)
{
    public static MemberIdentity None { get; } = new("", -1, null);
}
