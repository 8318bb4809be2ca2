namespace Caudal.Client.Groups;

/// <summary>
/// Java's order of members: static members first, by their instance ids, which outlive restarts; then the others by member id.
/// </summary>
internal sealed class MemberOrder : IComparer<GroupMember>
{
    public static MemberOrder Instance { get; } = new();

    public int Compare(GroupMember? x, GroupMember? y)
    {
        if (x!.GroupInstanceId is { } left)
            return y!.GroupInstanceId is { } right ? string.CompareOrdinal(left, right) : -1;
        return y!.GroupInstanceId is null ? string.CompareOrdinal(x.MemberId, y.MemberId) : 1;
    }

    public static GroupMember[] Sort(IEnumerable<GroupMember> members)
    {
        var sorted = members.ToArray();
        Array.Sort(sorted, Instance);
        return sorted;
    }
}
