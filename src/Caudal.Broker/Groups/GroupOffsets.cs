using Caudal.Broker.StateLogs;

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

    // Offsets that were committed in transactions which are still open, by producer (KIP-98): the marker decides about them.
    private readonly Dictionary<long, Dictionary<PartitionKey, CommittedOffset>> _transactional = [];

    /// <summary>Whether nothing is committed and no commit is under way.</summary>
    public bool IsEmpty => _byTopic.Count == 0 && !HasPending;

    /// <summary>Whether commits are under way, or wait for the end of a transaction.</summary>
    public bool HasPending => _pending.Count > 0 || _transactional.Count > 0;

    /// <summary>The committed offsets, by topic and partition.</summary>
    public IEnumerable<KeyValuePair<string, SortedDictionary<int, CommittedOffset>>> Topics => _byTopic;

    /// <summary>Finds the offset of a partition; null if none was committed.</summary>
    public CommittedOffset? Find(string topic, int partition) =>
        _byTopic.TryGetValue(topic, out var partitions) && partitions.TryGetValue(partition, out var offset) ? offset : null;

    /// <summary>Whether a commit for the partition is under way, or waits for the end of a transaction.</summary>
    public bool IsPending(PartitionKey key) => _pending.ContainsKey(key) || IsUnstable(key);

    /// <summary>Whether an open transaction may replace the partition's offset (KIP-447).</summary>
    public bool IsUnstable(PartitionKey key)
    {
        foreach (var offsets in _transactional.Values)
        {
            if (offsets.ContainsKey(key))
                return true;
        }

        return false;
    }

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

    /// <summary>Takes an offset over, unless the one that is there came later.</summary>
    public void Set(PartitionKey key, CommittedOffset offset)
    {
        if (!_byTopic.TryGetValue(key.Topic, out var partitions))
            _byTopic[key.Topic] = partitions = [];
        if (!partitions.TryGetValue(key.Partition, out var present) || present.Order <= offset.Order)
            partitions[key.Partition] = offset;
    }

    /// <summary>Takes an offset over that counts once its producer's transaction is committed.</summary>
    public void SetTransactional(long producerId, PartitionKey key, CommittedOffset offset)
    {
        if (!_transactional.TryGetValue(producerId, out var offsets))
            _transactional[producerId] = offsets = [];
        offsets[key] = offset;
    }

    /// <summary>Ends a producer's transaction: its offsets count from now on, or are dropped.</summary>
    public void EndTransaction(long producerId, bool isCommit)
    {
        if (!_transactional.Remove(producerId, out var offsets) || !isCommit)
            return;
        foreach (var (key, offset) in offsets)
            Set(key, offset);
    }

    /// <summary>Forgets the offset of a partition, those in open transactions too.</summary>
    public void Remove(PartitionKey key)
    {
        foreach (var (producerId, offsets) in _transactional)
        {
            if (offsets.Remove(key) && offsets.Count == 0)
                _transactional.Remove(producerId);
        }

        if (_byTopic.TryGetValue(key.Topic, out var partitions) && partitions.Remove(key.Partition) && partitions.Count == 0)
            _byTopic.Remove(key.Topic);
    }

    /// <summary>All partitions with an offset in the log, those whose append or transaction is under way among them.</summary>
    public List<PartitionKey> AllKeys()
    {
        var keys = new HashSet<PartitionKey>(_pending.Keys);
        foreach (var offsets in _transactional.Values)
            keys.UnionWith(offsets.Keys);
        foreach (var (topic, partitions) in _byTopic)
        {
            foreach (var partition in partitions.Keys)
                keys.Add(new PartitionKey(topic, partition));
        }

        return [.. keys];
    }
}
