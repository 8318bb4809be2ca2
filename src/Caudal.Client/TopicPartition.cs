namespace Caudal.Client;

/// <summary>A partition of a topic.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's number, from 0.</param>
public readonly record struct TopicPartition(string Topic, int Partition)
{
    /// <summary>Kafka's usual spelling, e.g. <c>orders-3</c>.</summary>
    public override string ToString() => $"{Topic}-{Partition}";
}
