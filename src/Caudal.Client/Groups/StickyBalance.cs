namespace Caudal.Client.Groups;

/// <summary>Who has which partitions while an assignment is balanced.</summary>
/// <remarks>
/// An assignment is even when no member can hand a partition on, directly or through others, so that a member with at least two fewer ends
/// up with one more. Chains of hand-overs are found by breadth-first search, so they are the shortest, and every one of them makes the sum
/// of the squared loads smaller: the search ends at the best distribution that the subscriptions allow. Members are numbers here, in
/// <see cref="MemberOrder"/>.
/// </remarks>
internal sealed class StickyBalance
{
    private readonly HashSet<string>[] _topics;
    private readonly IReadOnlyDictionary<string, int> _counts;
    private readonly Dictionary<string, List<int>> _subscribers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>>[] _owned;
    private readonly int[] _loads;
    private readonly Dictionary<TopicPartition, int> _owner = [];
    private readonly Dictionary<TopicPartition, int> _previousOwner = [];

    public StickyBalance(IReadOnlyList<IReadOnlyCollection<string>> topicsOfMembers, IReadOnlyDictionary<string, int> partitionCounts)
    {
        _counts = partitionCounts;
        _loads = new int[topicsOfMembers.Count];
        _topics = topicsOfMembers.Select(t => t.Where(partitionCounts.ContainsKey).ToHashSet(StringComparer.Ordinal)).ToArray();
        _owned = _topics.Select(_ => new Dictionary<string, List<int>>(StringComparer.Ordinal)).ToArray();
        for (var member = 0; member < _topics.Length; member++)
        {
            foreach (var topic in _topics[member])
            {
                if (!_subscribers.TryGetValue(topic, out var subscribers))
                    _subscribers[topic] = subscribers = [];
                subscribers.Add(member);
            }
        }
    }

    public IReadOnlyList<TopicPartition> PartitionsOf(int member) =>
        _owned[member].SelectMany(t => t.Value.Select(p => new TopicPartition(t.Key, p))).Order(PartitionOrder.Instance).ToArray();

    /// <summary>Leaves a partition with the member that had it, if it exists and the member still subscribes to its topic.</summary>
    public void Keep(int member, TopicPartition partition)
    {
        if (!_topics[member].Contains(partition.Topic) || (uint)partition.Partition >= (uint)_counts[partition.Topic])
            return;
        _previousOwner[partition] = member;
        Add(member, partition);
    }

    /// <summary>
    /// Gives every partition that nobody has to the subscriber with the least; topics with few subscribers first, they have the least
    /// choice.
    /// </summary>
    public void AssignTheRest()
    {
        foreach (var (topic, subscribers) in _subscribers.OrderBy(s => s.Value.Count).ThenBy(s => s.Key, StringComparer.Ordinal))
        {
            var queue = new PriorityQueue<int, (int Load, int Member)>();
            foreach (var member in subscribers)
                queue.Enqueue(member, (_loads[member], member));
            for (var number = 0; number < _counts[topic]; number++)
            {
                var partition = new TopicPartition(topic, number);
                if (_owner.ContainsKey(partition))
                    continue;
                var member = queue.Dequeue();
                Add(member, partition);
                queue.Enqueue(member, (_loads[member], member));
            }
        }
    }

    /// <summary>Hands partitions on until the assignment is even.</summary>
    public void Even()
    {
        var settled = new bool[_loads.Length];
        while (true)
        {
            var giver = -1;
            for (var member = 0; member < _loads.Length; member++)
            {
                if (!settled[member] && (giver < 0 || _loads[member] > _loads[giver]))
                    giver = member;
            }

            if (giver < 0)
                return;
            if (!HandOn(giver))
                settled[giver] = true;
            else
                Array.Clear(settled);
        }
    }

    private bool HandOn(int giver)
    {
        // from[m] is the member that would hand the partition of topic via[m] to m.
        var from = new int[_loads.Length];
        var via = new string?[_loads.Length];
        Array.Fill(from, -1);
        from[giver] = giver;
        var seenTopics = new HashSet<string>(StringComparer.Ordinal);
        var level = new List<int> { giver };
        while (level.Count > 0)
        {
            var reached = new List<int>();
            foreach (var member in level)
            {
                foreach (var topic in _owned[member].Keys)
                {
                    if (_owned[member][topic].Count == 0 || !seenTopics.Add(topic))
                        continue;
                    foreach (var subscriber in _subscribers[topic])
                    {
                        if (from[subscriber] >= 0)
                            continue;
                        (from[subscriber], via[subscriber]) = (member, topic);
                        reached.Add(subscriber);
                    }
                }
            }

            var taker = reached.OrderBy(m => _loads[m]).ThenBy(m => m).FirstOrDefault(-1);
            if (taker >= 0 && _loads[taker] <= _loads[giver] - 2)
            {
                HandOnAlong(from, via, taker);
                return true;
            }

            level = reached;
        }

        return false;
    }

    private void HandOnAlong(int[] from, string?[] via, int taker)
    {
        for (var to = taker; from[to] != to; to = from[to])
            Move(Choose(from[to], to, via[to]!), from[to], to);
    }

    // A partition that comes home costs nothing, one that had no home costs nothing either; only then one that leaves its home.
    private TopicPartition Choose(int giver, int taker, string topic)
    {
        var numbers = _owned[giver][topic];
        var best = new TopicPartition(topic, numbers[^1]);
        var bestRank = int.MaxValue;
        for (var i = numbers.Count - 1; i >= 0; i--)
        {
            var partition = new TopicPartition(topic, numbers[i]);
            var home = _previousOwner.GetValueOrDefault(partition, -1);
            var rank = home == taker ? 0 : home == giver ? 2 : 1;
            if (rank < bestRank)
                (best, bestRank) = (partition, rank);
        }

        return best;
    }

    private void Move(TopicPartition partition, int giver, int taker)
    {
        _owned[giver][partition.Topic].Remove(partition.Partition);
        _loads[giver]--;
        Add(taker, partition);
    }

    private void Add(int member, TopicPartition partition)
    {
        if (!_owned[member].TryGetValue(partition.Topic, out var numbers))
            _owned[member][partition.Topic] = numbers = [];
        numbers.Add(partition.Partition);
        _loads[member]++;
        _owner[partition] = member;
    }
}
