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
        KeepWhatIsClaimed(members, balance);
        balance.AssignTheRest();
        balance.Even();
        return Enumerable.Range(0, members.Length)
            .ToDictionary(i => members[i].MemberId, i => balance.PartitionsOf(i), StringComparer.Ordinal);
    }

    // A member that missed a rebalance claims partitions that belong to others by now: of two claims the later generation is right. Two
    // claims of one generation contradict each other, and neither counts.
    private static void KeepWhatIsClaimed(GroupMember[] members, StickyBalance balance)
    {
        var claims = new Dictionary<TopicPartition, (int Member, int Generation)>();
        for (var member = 0; member < members.Length; member++)
        {
            var (partitions, generation) = StickyUserData.Read(members[member].UserData);
            foreach (var partition in partitions)
            {
                if (!claims.TryGetValue(partition, out var other) || other.Generation < generation)
                    claims[partition] = (member, generation);
                else if (other.Generation == generation && other.Member != member)
                    claims[partition] = (-1, generation);
            }
        }

        foreach (var (partition, claim) in claims.OrderBy(c => c.Key, PartitionOrder.Instance))
        {
            if (claim.Member >= 0)
                balance.Keep(claim.Member, partition);
        }
    }
}
