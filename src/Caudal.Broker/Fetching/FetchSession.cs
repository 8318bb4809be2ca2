using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Fetching;

/// <summary>What one client fetches again and again: its partitions, where each stands, and what it was told last (KIP-227).</summary>
/// <remarks>Thread safe. A client uses its session from one request at a time; others are refused by the epoch.</remarks>
internal sealed class FetchSession
{
    private readonly Lock _lock = new();
    // The following are guarded by the lock. The list is the order in which partitions are read: who got data goes to the end, so that
    // nobody starves.
    private readonly Dictionary<Key, Entry> _entries = [];
    private List<Entry> _order = [];

    /// <summary>Starts a session whose next request has epoch 1.</summary>
    public FetchSession(int id, bool usesTopicIds)
    {
        Id = id;
        UsesTopicIds = usesTopicIds;
    }

    /// <summary>The session's id, never 0.</summary>
    public int Id { get; }

    /// <summary>Whether its partitions are named by topic id: requests of version 13 and later.</summary>
    public bool UsesTopicIds { get; }

    /// <summary>When it was used last, as a timestamp of the clock.</summary>
    public long LastUsed { get; set; }

    /// <summary>The epoch that the next request must have.</summary>
    public int NextEpoch { get; private set; } = 1;

    /// <summary>Whether no partition is left.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _entries.Count == 0;
        }
    }

    /// <summary>Takes in what a request changes.</summary>
    public void Update(FetchRequest request)
    {
        lock (_lock)
        {
            foreach (var topic in request.ForgottenTopicsData)
            {
                foreach (var partition in topic.Partitions)
                {
                    if (_entries.Remove(new Key(topic.Topic, topic.TopicId, partition), out var entry))
                        _order.Remove(entry);
                }
            }

            foreach (var topic in request.Topics)
            {
                foreach (var partition in topic.Partitions)
                {
                    var key = new Key(topic.Topic, topic.TopicId, partition.Partition);
                    if (!_entries.TryGetValue(key, out var entry))
                    {
                        _entries[key] = entry = new Entry();
                        _order.Add(entry);
                    }

                    entry.Target = FetchTargets.From(topic, partition);
                }
            }
        }
    }

    /// <summary>Counts a request; after the highest number comes 1.</summary>
    public void Advance() => NextEpoch = NextEpoch == int.MaxValue ? 1 : NextEpoch + 1;

    /// <summary>What to read now.</summary>
    public FetchTarget[] Targets()
    {
        lock (_lock)
        {
            var targets = new FetchTarget[_order.Count];
            for (var i = 0; i < targets.Length; i++)
                targets[i] = _order[i].Target;
            return targets;
        }
    }

    /// <summary>Remembers what the client is told now.</summary>
    /// <param name="targets">What was read.</param>
    /// <param name="data">What was found, in the same order.</param>
    /// <param name="omitsUnchanged">Whether partitions without news are left out.</param>
    /// <returns>For each partition, whether it belongs in the answer.</returns>
    public bool[] Remember(FetchTarget[] targets, FetchResponse.PartitionData[] data, bool omitsUnchanged)
    {
        var kept = new bool[data.Length];
        lock (_lock)
        {
            var hasData = new HashSet<Entry>();
            for (var i = 0; i < data.Length; i++)
            {
                if (!_entries.TryGetValue(new Key(targets[i].Topic, targets[i].TopicId, targets[i].Partition), out var entry))
                    continue;
                kept[i] = !omitsUnchanged || entry.IsNews(data[i]);
                entry.Told(data[i]);
                if (data[i].Records is { Length: > 0 })
                    hasData.Add(entry);
            }

            if (hasData.Count > 0 && hasData.Count < _order.Count)
                _order = [.. _order.Where(e => !hasData.Contains(e)), .. _order.Where(hasData.Contains)];
        }

        return kept;
    }

    private readonly record struct Key(string Topic, Uuid TopicId, int Partition);

    private sealed class Entry
    {
        private long _highWatermark = -1;
        private long _logStartOffset = -1;
        private bool _failed;

        public FetchTarget Target { get; set; }

        public bool IsNews(FetchResponse.PartitionData data) =>
            data.Records is { Length: > 0 }
            || data.ErrorCode != 0
            || _failed
            || data.HighWatermark != _highWatermark
            || data.LogStartOffset != _logStartOffset
            || data.PreferredReadReplica >= 0
            || data.DivergingEpoch.EndOffset >= 0;

        public void Told(FetchResponse.PartitionData data)
        {
            _highWatermark = data.HighWatermark;
            _logStartOffset = data.LogStartOffset;
            _failed = data.ErrorCode != 0;
        }
    }
}
