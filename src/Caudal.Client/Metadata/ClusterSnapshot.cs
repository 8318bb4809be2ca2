using Caudal.Client.Connections;
using Caudal.Protocol;

namespace Caudal.Client.Metadata;

/// <summary>What is known of the cluster at one moment. Immutable.</summary>
internal sealed class ClusterSnapshot
{
    public static readonly ClusterSnapshot Empty = new();

    public string? ClusterId { get; init; }

    public int ControllerId { get; init; } = -1;

    public IReadOnlyList<BrokerAddress> Brokers { get; init; } = [];

    public IReadOnlyDictionary<string, TopicMetadata> Topics { get; init; } = new Dictionary<string, TopicMetadata>();

    /// <summary>The names behind topic ids.</summary>
    public IReadOnlyDictionary<Uuid, string> TopicNames { get; init; } = new Dictionary<Uuid, string>();

    /// <summary>The partition's metadata, or null while it is unknown.</summary>
    public PartitionMetadata? Partition(string topic, int partition) =>
        Topics.TryGetValue(topic, out var metadata) && (uint)partition < (uint)metadata.Partitions.Length
            ? metadata.Partitions[partition]
            : null;
}
