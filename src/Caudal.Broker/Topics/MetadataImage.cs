using Caudal.Broker.Nodes;
using Caudal.Protocol;

namespace Caudal.Broker.Topics;

/// <summary>What the broker knows besides its logs: the sum of the journal's records. Not thread safe.</summary>
internal sealed partial class MetadataImage
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>The topics by their ids.</summary>
    public Dictionary<Uuid, MetadataRecord.TopicCreated> Topics { get; } = [];

    /// <summary>Where the partitions live, by topic id; nothing for topics that were never placed on several nodes.</summary>
    public Dictionary<Uuid, PartitionPlacement[]> Placements { get; } = [];

    /// <summary>The ids of deleted topics whose logs may still be there.</summary>
    public HashSet<Uuid> Deleted { get; } = [];

    /// <summary>The dynamic settings of this broker.</summary>
    public IReadOnlyDictionary<string, string> Dynamic { get; private set; } = None;

    /// <summary>The dynamic settings of all brokers.</summary>
    public IReadOnlyDictionary<string, string> DynamicDefault { get; private set; } = None;

    /// <summary>The first producer id that was certainly not given away yet.</summary>
    public long NextProducerId { get; private set; }

    /// <summary>Adds a change.</summary>
    public void Apply(MetadataRecord record)
    {
        switch (record)
        {
            case MetadataRecord.TopicCreated created:
                Topics[created.Id] = created;
                break;
            case MetadataRecord.TopicDeleted deleted:
                Topics.Remove(deleted.Id);
                Placements.Remove(deleted.Id);
                Deleted.Add(deleted.Id);
                break;
            case MetadataRecord.PartitionsAdded added when Topics.TryGetValue(added.Id, out var topic):
                Topics[added.Id] = topic with { Partitions = added.Partitions };
                break;
            case MetadataRecord.PartitionsPlaced placed when Topics.ContainsKey(placed.Id):
                Placements[placed.Id] = placed.Placements;
                break;
            case MetadataRecord.TopicConfigured configured when Topics.TryGetValue(configured.Id, out var topic):
                Topics[configured.Id] = topic with { Configs = configured.Configs };
                break;
            case MetadataRecord.BrokerConfigured { AllBrokers: true } configured:
                DynamicDefault = configured.Configs;
                break;
            case MetadataRecord.BrokerConfigured configured:
                Dynamic = configured.Configs;
                break;
            case MetadataRecord.ProducerIdsReserved reserved:
                NextProducerId = reserved.Next;
                break;
            default:
                ApplyAdmin(record);
                break;
        }
    }

    /// <summary>The fewest records that make the same image; deleted topics are forgotten.</summary>
    public IEnumerable<MetadataRecord> Snapshot()
    {
        yield return new MetadataRecord.ProducerIdsReserved(NextProducerId);
        if (DynamicDefault.Count > 0)
            yield return new MetadataRecord.BrokerConfigured(true, DynamicDefault);
        if (Dynamic.Count > 0)
            yield return new MetadataRecord.BrokerConfigured(false, Dynamic);
        foreach (var record in AdminSnapshot())
            yield return record;
        foreach (var topic in Topics.Values)
        {
            yield return topic;
            if (Placements.TryGetValue(topic.Id, out var placements))
                yield return new MetadataRecord.PartitionsPlaced(topic.Id, placements);
        }
    }
}
