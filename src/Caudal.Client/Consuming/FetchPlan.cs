using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Consuming;

/// <summary>What one fetch asks for: the partitions, each with the track under which its answer counts.</summary>
internal sealed class FetchPlan(int maxBytes)
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<TopicPartition, int> _places = [];

    internal readonly record struct Entry(PartitionCursor Cursor, PositionTrack Track, long Offset, int LeaderEpoch, Uuid TopicId);

    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Whether every topic's id is known, which versions from 13 on need.</summary>
    public bool HasAllIds { get; private set; } = true;

    public void Add(PartitionCursor cursor)
    {
        HasAllIds &= cursor.TopicId != Uuid.Zero;
        _places[cursor.Partition] = _entries.Count;
        _entries.Add(new Entry(cursor, cursor.Track, cursor.Track.FetchOffset, cursor.LeaderEpoch, cursor.TopicId));
    }

    public bool Contains(TopicPartition partition) => _places.ContainsKey(partition);

    /// <summary>A request for some of the plan's entries.</summary>
    public FetchRequest ToRequest(IReadOnlyList<Entry> entries, ConsumerOptions options) => new()
    {
        MaxWaitMs = (int)options.FetchMaxWait.TotalMilliseconds,
        MinBytes = options.FetchMinBytes,
        MaxBytes = maxBytes,
        IsolationLevel = (sbyte)options.IsolationLevel,
        Topics = [.. entries.GroupBy(e => (e.Cursor.Partition.Topic, e.TopicId)).Select(topic => new FetchRequest.FetchTopic
        {
            Topic = topic.Key.Topic,
            TopicId = topic.Key.TopicId,
            Partitions = [.. topic.Select(e => new FetchRequest.FetchPartition
            {
                Partition = e.Cursor.Partition.Partition,
                CurrentLeaderEpoch = e.LeaderEpoch,
                FetchOffset = e.Offset,
                PartitionMaxBytes = options.MaxPartitionFetchBytes,
            })],
        })],
    };

    /// <summary>Finds what was asked of a partition that a response speaks of; false for one that was not asked for.</summary>
    public bool TryFind(FetchResponse.FetchableTopicResponse topic, int partition, out Entry entry)
    {
        var name = topic.Topic;
        if (name.Length == 0)
        {
            foreach (var candidate in _entries)
            {
                if (candidate.TopicId == topic.TopicId)
                {
                    name = candidate.Cursor.Partition.Topic;
                    break;
                }
            }
        }

        var found = _places.TryGetValue(new TopicPartition(name, partition), out var place);
        entry = found ? _entries[place] : default;
        return found;
    }
}
