namespace Caudal.Client.Groups;

/// <summary>
/// Java's <c>range</c>: for each topic apart, members in order get runs of partitions; the first ones get one more if the division leaves a
/// rest.
/// </summary>
internal sealed class RangeAssignor : IGroupAssignor
{
    public string Name => "range";

    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(GroupState group)
    {
        var members = MemberOrder.Sort(group.Members);
        var result = members.ToDictionary(m => m.MemberId, _ => new List<TopicPartition>(), StringComparer.Ordinal);
        foreach (var (topic, count) in group.PartitionCounts.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var subscribers = members.Where(m => m.Topics.Contains(topic)).ToArray();
            var next = 0;
            for (var i = 0; i < subscribers.Length; i++)
            {
                var share = count / subscribers.Length + (i < count % subscribers.Length ? 1 : 0);
                for (var end = next + share; next < end; next++)
                    result[subscribers[i].MemberId].Add(new TopicPartition(topic, next));
            }
        }

        return result.ToDictionary(r => r.Key, r => (IReadOnlyList<TopicPartition>)r.Value, StringComparer.Ordinal);
    }
}
