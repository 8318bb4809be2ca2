namespace Caudal.Client.Groups;

/// <summary>Decides whose claims to partitions count when members say what they had.</summary>
internal static class StickyClaims
{
    /// <summary>Leaves partitions with those who rightly claim them.</summary>
    /// <remarks>
    /// A member that missed a rebalance claims partitions that belong to others by now: of two claims the later generation is right. Two
    /// claims of one generation contradict each other, and neither counts.
    /// </remarks>
    /// <param name="claimsOfMembers">What each member claims, in the order of the members, and from which generation.</param>
    /// <param name="balance">Where the partitions are left with their owners.</param>
    public static void Keep((IReadOnlyCollection<TopicPartition> Partitions, int Generation)[] claimsOfMembers, StickyBalance balance)
    {
        var claims = new Dictionary<TopicPartition, (int Member, int Generation)>();
        for (var member = 0; member < claimsOfMembers.Length; member++)
        {
            var (partitions, generation) = claimsOfMembers[member];
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
