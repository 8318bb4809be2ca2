using Caudal.Client.Groups;

namespace Caudal.Client.Tests.Groups;

/// <summary>A group that is assigned again and again while members and partitions come and go.</summary>
internal sealed class AssignorScenario(IGroupAssignor assignor)
{
    private int _generation;

    public SortedDictionary<string, string[]> Members { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, int> Topics { get; } = [];

    public Dictionary<string, TopicPartition[]> Assignment { get; private set; } = [];

    public Dictionary<string, TopicPartition[]> Rebalance()
    {
        var members = Members.Select(m => new GroupMember
        {
            MemberId = m.Key,
            Topics = m.Value,
            UserData = assignor.GetUserData(new MemberState(m.Value, Assignment.GetValueOrDefault(m.Key, []), _generation)) is { } data
                ? data : (ReadOnlyMemory<byte>?)null,
        }).ToArray();
        var result = assignor.Assign(new GroupState(members, Topics));
        _generation++;
        Assignment = result.ToDictionary(r => r.Key, r => r.Value.ToArray());
        return Assignment;
    }

    /// <summary>Every partition of a topic that somebody subscribes to belongs to exactly one subscriber.</summary>
    public void AssertComplete()
    {
        var owned = Assignment.SelectMany(a => a.Value).ToArray();
        var wanted = Topics.Where(t => Members.Values.Any(m => m.Contains(t.Key))).SelectMany(
            t => Enumerable.Range(0, t.Value).Select(p => new TopicPartition(t.Key, p)));
        Assert.Equal(wanted.Order(PartitionOrder.Instance), owned.Order(PartitionOrder.Instance));
        foreach (var (member, partitions) in Assignment)
            Assert.All(partitions, p => Assert.Contains(p.Topic, Members[member]));
    }

    /// <summary>
    /// The loads of a best distribution, found by trying every hand-over that shortens the distance of two loads, also through others.
    /// </summary>
    public int SpreadOfLoads() => Assignment.Count == 0 ? 0 : Assignment.Values.Max(p => p.Length) - Assignment.Values.Min(p => p.Length);

    /// <summary>Whether some member could hand a partition on directly and shorten the distance.</summary>
    public bool HasBetterHandOver() => Assignment.Any(from => from.Value.Any(p =>
        Members.Any(to => to.Key != from.Key && to.Value.Contains(p.Topic) && Assignment[to.Key].Length <= from.Value.Length - 2)));
}
