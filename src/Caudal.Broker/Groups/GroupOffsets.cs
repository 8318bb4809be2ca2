namespace Caudal.Broker.Groups;

/// <summary>
/// The offsets that a group committed. What is in here is in the log as well: changes are made when their append is done, in the log's
/// order.
/// </summary>
/// <remarks>Changed and read under the coordinator's lock.</remarks>
internal sealed class GroupOffsets
{
    private readonly OrderedDictionary<string, SortedDictionary<int, CommittedOffset>> _byTopic = [];

    // Commits whose append is under way, by partition: who deletes must delete these too.
    private readonly Dictionary<PartitionKey, int> _pending = [];

    /// <summary>Whether nothing is committed and no commit is under way.</summary>
    public bool IsEmpty => _byTopic.Count == 0 && _pending.Count == 0;

    /// <summary>Whether commits are under way.</summary>
    public bool HasPending => _pending.Count > 0;

    /// <summary>The committed offsets, by topic and partition.</summary>
    public IEnumerable<KeyValuePair<string, SortedDictionary<int, CommittedOffset>>> Topics => _byTopic;

    /// <summary>Finds the offset of a partition; null if none was committed.</summary>
    public CommittedOffset? Find(string topic, int partition) =>
        _byTopic.TryGetValue(topic, out var partitions) && partitions.TryGetValue(partition, out var offset) ? offset : null;

    /// <summary>Whether a commit for the partition is under way.</summary>
    public bool IsPending(PartitionKey key) => _pending.ContainsKey(key);

    /// <summary>Notes that a commit's append is under way.</summary>
    public void Begin(PartitionKey key) => _pending[key] = _pending.GetValueOrDefault(key) + 1;

    /// <summary>Notes that a commit's append is done.</summary>
    /// <param name="key">The partition.</param>
    /// <param name="offset">What was committed; null if the append failed.</param>
    public void End(PartitionKey key, CommittedOffset? offset)
    {
        if (_pending[key] is var count && count == 1)
            _pending.Remove(key);
        else
            _pending[key] = count - 1;
        if (offset is not null)
            Set(key, offset);
    }

    /// <summary>Takes an offset over.</summary>
    public void Set(PartitionKey key, CommittedOffset offset)
    {
        if (!_byTopic.TryGetValue(key.Topic, out var partitions))
            _byTopic[key.Topic] = partitions = [];
        partitions[key.Partition] = offset;
    }

    /// <summary>Forgets the offset of a partition.</summary>
    public void Remove(PartitionKey key)
    {
        if (_byTopic.TryGetValue(key.Topic, out var partitions) && partitions.Remove(key.Partition) && partitions.Count == 0)
            _byTopic.Remove(key.Topic);
    }

    /// <summary>All partitions with an offset in the log, those whose append is under way among them.</summary>
    public List<PartitionKey> AllKeys()
    {
        var keys = new HashSet<PartitionKey>(_pending.Keys);
        foreach (var (topic, partitions) in _byTopic)
        {
            foreach (var partition in partitions.Keys)
                keys.Add(new PartitionKey(topic, partition));
        }

        return [.. keys];
    }
}
