namespace Caudal.Client;

/// <summary>
/// The partitioners that are built in. Null keys go to sticky batches, except with <see cref="Random"/> and <see cref="CreateRoundRobin"/>.
/// </summary>
public static class Partitioners
{
    /// <summary>Java's default, and so that of Kafka Streams and most of the ecosystem: murmur2 of the key.</summary>
    public static IPartitioner Murmur2 { get; } = new KeyPartitioner(
        "murmur2",
        static (key, count) => Protocol.Partitioning.Murmur2.Partition(Protocol.Partitioning.Murmur2.Hash(key), count));

    /// <summary>librdkafka's default (<c>consistent_random</c>), and so that of Confluent.Kafka: CRC-32 of the key.</summary>
    public static IPartitioner Crc32 { get; } = new KeyPartitioner(
        "crc32",
        static (key, count) => Protocol.Partitioning.Crc32.Partition(Protocol.Partitioning.Crc32.Hash(key), count));

    /// <summary>sarama's default: FNV-1a of the key.</summary>
    public static IPartitioner Fnv1A { get; } = new KeyPartitioner(
        "fnv1a",
        static (key, count) => Protocol.Partitioning.Fnv1A.Partition(Protocol.Partitioning.Fnv1A.Hash(key), count));

    /// <summary>A random partition for every record, whatever its key.</summary>
    public static IPartitioner Random { get; } = new RandomPartitioner();

    /// <summary>One partition after the other, whatever the key. Each producer needs one of its own to go round evenly.</summary>
    public static IPartitioner CreateRoundRobin() => new RoundRobinPartitioner();

    private delegate int KeyRule(ReadOnlySpan<byte> key, int partitionCount);

    private sealed class KeyPartitioner(string name, KeyRule rule) : IPartitioner
    {
        public int Select(in PartitionContext context) =>
            context.IsKeyNull ? IPartitioner.Sticky : rule(context.Key, context.PartitionCount);

        public override string ToString() => name;
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
