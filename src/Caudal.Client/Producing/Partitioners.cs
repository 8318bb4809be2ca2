namespace Caudal.Client;

/// <summary>
/// The partitioners that are built in. Null keys go to sticky batches, except with <see cref="Random"/>, <see cref="Consistent"/>,
/// <see cref="Manual"/> and <see cref="CreateRoundRobin"/>.
/// </summary>
public static class Partitioners
{
    /// <summary>Java's default, and so that of Kafka Streams and most of the ecosystem: murmur2 of the key.</summary>
    public static IPartitioner Murmur2 { get; } = new KeyPartitioner(
        "murmur2",
        static (key, count) => Protocol.Partitioning.Murmur2.Partition(Protocol.Partitioning.Murmur2.Hash(key), count));

    /// <summary>
    /// librdkafka's default (<c>consistent_random</c>), and so that of Confluent.Kafka: CRC-32 of the key. Empty keys are as free as null
    /// ones.
    /// </summary>
    public static IPartitioner Crc32 { get; } = new KeyPartitioner(
        "crc32",
        static (key, count) => key.IsEmpty
            ? IPartitioner.Sticky
            : Protocol.Partitioning.Crc32.Partition(Protocol.Partitioning.Crc32.Hash(key), count));

    /// <summary>librdkafka's <c>consistent</c>: CRC-32 of the key; null and empty keys all go to one partition.</summary>
    public static IPartitioner Consistent { get; } = new KeyPartitioner(
        "consistent",
        static (key, count) => Protocol.Partitioning.Crc32.Partition(Protocol.Partitioning.Crc32.Hash(key), count),
        isNullFree: false);

    /// <summary>Every record names its partition; one that does not is refused.</summary>
    public static IPartitioner Manual { get; } = new ManualPartitioner();

    /// <summary>sarama's default: FNV-1a of the key.</summary>
    public static IPartitioner Fnv1A { get; } = new KeyPartitioner(
        "fnv1a",
        static (key, count) => Protocol.Partitioning.Fnv1A.Partition(Protocol.Partitioning.Fnv1A.Hash(key), count));

    /// <summary>A random partition for every record, whatever its key.</summary>
    public static IPartitioner Random { get; } = new RandomPartitioner();

    /// <summary>One partition after the other, whatever the key. Each producer needs one of its own to go round evenly.</summary>
    public static IPartitioner CreateRoundRobin() => new RoundRobinPartitioner();

    // librdkafka's names without "_random": null keys, as empty ones, all go to one partition.
    internal static IPartitioner Murmur2OfNulls { get; } = new KeyPartitioner(
        "murmur2",
        static (key, count) => Protocol.Partitioning.Murmur2.Partition(Protocol.Partitioning.Murmur2.Hash(key), count),
        isNullFree: false);

    internal static IPartitioner Fnv1AOfNulls { get; } = new KeyPartitioner(
        "fnv1a",
        static (key, count) => Protocol.Partitioning.Fnv1A.Partition(Protocol.Partitioning.Fnv1A.Hash(key), count),
        isNullFree: false);

    private delegate int KeyRule(ReadOnlySpan<byte> key, int partitionCount);

    private sealed class KeyPartitioner(string name, KeyRule rule, bool isNullFree = true) : IPartitioner
    {
        public int Select(in PartitionContext context) =>
            context.IsKeyNull && isNullFree ? IPartitioner.Sticky : rule(context.Key, context.PartitionCount);

        public override string ToString() => name;
    }

    private sealed class ManualPartitioner : IPartitioner
    {
        public int Select(in PartitionContext context) => throw new ArgumentException(
            $"A record of {context.Topic} names no partition, and the partitioner is 'manual': set ProducerRecord.Partition.");

        public override string ToString() => "manual";
    }

    private sealed class RandomPartitioner : IPartitioner
    {
        public int Select(in PartitionContext context) => System.Random.Shared.Next(context.PartitionCount);

        public override string ToString() => "random";
    }

    private sealed class RoundRobinPartitioner : IPartitioner
    {
        private uint _turn = uint.MaxValue;

        public int Select(in PartitionContext context) => (int)(Interlocked.Increment(ref _turn) % (uint)context.PartitionCount);

        public override string ToString() => "round_robin";
    }
}
