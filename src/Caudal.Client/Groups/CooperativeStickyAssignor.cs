using System.Buffers.Binary;

namespace Caudal.Client.Groups;

/// <summary>
/// Java's and librdkafka's <c>cooperative-sticky</c> (KIP-429): the balance of <c>sticky</c>, reached without giving up what stays.
/// </summary>
/// <remarks>
/// What a member owns stands in its subscription, with the generation since version 2 of it; before, the user data has the generation as
/// its only field. A partition that changes hands is left out until its owner has given it up, which leads to a second rebalance.
/// </remarks>
internal sealed class CooperativeStickyAssignor : IGroupAssignor
{
    public string Name => "cooperative-sticky";

    public GroupRebalanceProtocol RebalanceProtocol => GroupRebalanceProtocol.Cooperative;

    public byte[] GetUserData(MemberState member)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, member.PreviousGeneration);
        return bytes;
    }

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(GroupState group)
    {
        var members = MemberOrder.Sort(group.Members);
        var balance = new StickyBalance(members.Select(m => m.Topics).ToArray(), group.PartitionCounts);
        StickyClaims.Keep([.. members.Select(m => (m.OwnedPartitions, Generation(m)))], balance);
        balance.AssignTheRest();
        balance.Even();

        // Whoever says that he owns a partition may be reading it, whether his claim is right or not.
        var owners = new Dictionary<TopicPartition, int>();
        for (var member = 0; member < members.Length; member++)
        {
            foreach (var partition in members[member].OwnedPartitions)
                owners[partition] = owners.TryGetValue(partition, out var other) && other != member ? -1 : member;
        }

        return Enumerable.Range(0, members.Length).ToDictionary(
            i => members[i].MemberId,
            i => (IReadOnlyList<TopicPartition>)[.. balance.PartitionsOf(i).Where(p => owners.GetValueOrDefault(p, i) == i)],
            StringComparer.Ordinal);
    }

    private static int Generation(GroupMember member) =>
        member.OwnedGeneration >= 0 || member.UserData is not { Length: >= 4 } data
            ? member.OwnedGeneration
            : BinaryPrimitives.ReadInt32BigEndian(data.Span);
}
