namespace Caudal.Client.Groups;

/// <summary>
/// Java's <c>roundrobin</c>: partitions in order of topic and number are dealt to the members in order, skipping who does not subscribe.
/// </summary>
internal sealed class RoundRobinAssignor : IGroupAssignor
{
    public string Name => "roundrobin";

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(GroupState group)
    {
        var members = MemberOrder.Sort(group.Members);
        var topics = members.Select(m => m.Topics.ToHashSet(StringComparer.Ordinal)).ToArray();
        var result = members.Select(_ => new List<TopicPartition>()).ToArray();
        var turn = 0;
        foreach (var (topic, count) in group.PartitionCounts.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (!topics.Any(t => t.Contains(topic)))
                continue;
            for (var partition = 0; partition < count; partition++)
            {
                while (!topics[turn].Contains(topic))
                    turn = (turn + 1) % members.Length;
                result[turn].Add(new TopicPartition(topic, partition));
                turn = (turn + 1) % members.Length;
            }
        }

        return Enumerable.Range(0, members.Length)
            .ToDictionary(i => members[i].MemberId, i => (IReadOnlyList<TopicPartition>)result[i], StringComparer.Ordinal);
    }
}
