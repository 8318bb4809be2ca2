namespace Caudal.Client.Groups;

/// <summary>Java's <c>sticky</c> (KIP-54): as even as subscriptions allow, and then as few moves as possible.</summary>
/// <remarks>Only the wire format and the two goals are Java's; the way to them is <see cref="StickyBalance"/>.</remarks>
internal sealed class StickyAssignor : IGroupAssignor
{
    public string Name => "sticky";

    public byte[]? GetUserData(MemberState member) =>
        member.PreviousPartitions.Count == 0 ? null : StickyUserData.Write(member.PreviousPartitions, member.PreviousGeneration);

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(GroupState group)
    {
        var members = MemberOrder.Sort(group.Members);
        var balance = new StickyBalance(members.Select(m => m.Topics).ToArray(), group.PartitionCounts);
        StickyClaims.Keep([.. members.Select(Claims)], balance);
        balance.AssignTheRest();
        balance.Even();
        return Enumerable.Range(0, members.Length)
            .ToDictionary(i => members[i].MemberId, i => balance.PartitionsOf(i), StringComparer.Ordinal);
    }

    private static (IReadOnlyCollection<TopicPartition> Partitions, int Generation) Claims(GroupMember member) =>
        StickyUserData.Read(member.UserData);
}
