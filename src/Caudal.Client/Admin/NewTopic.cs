namespace Caudal.Client;

/// <summary>A topic to be created.</summary>
/// <param name="Name">The name: letters, digits, dots, underscores and dashes, at most 249 characters.</param>
public sealed record NewTopic(string Name)
{
    /// <summary>How many partitions it gets.</summary>
    /// <value>Default −1: as many as the broker's <c>num.partitions</c> says.</value>
    public int Partitions { get; init; } = -1;

    /// <summary>On how many brokers each partition is kept.</summary>
    /// <value>Default −1: as the broker's <c>default.replication.factor</c> says.</value>
    public short ReplicationFactor { get; init; } = -1;

    /// <summary>Settings that differ from the broker's defaults, by Kafka's names.</summary>
    public IReadOnlyDictionary<string, string> Configs { get; init; } = new Dictionary<string, string>();
}
