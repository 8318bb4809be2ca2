namespace Caudal.Protocol.Partitioning;

/// <summary>FNV-1a of 32 bits as sarama's hash partitioner and librdkafka's <c>fnv1a</c> use it to choose partitions.</summary>
/// <remarks>Source: G. Fowler, L. Noll, K.-P. Vo and D. Eastlake, "The FNV Non-Cryptographic Hash Algorithm". Pure functions.</remarks>
public static class Fnv1A
{
    private const uint Offset = 2166136261;
    private const uint Prime = 16777619;

    /// <summary>Hashes a key.</summary>
    public static uint Hash(ReadOnlySpan<byte> key)
    {
        var hash = Offset;
        foreach (var b in key)
            hash = (hash ^ b) * Prime;
        return hash;
    }

    /// <summary>The partition of a hash, by sarama's rule: the remainder of the signed number, without its sign. Never negative.</summary>
    /// <param name="hash">The key's <see cref="Hash"/>.</param>
    /// <param name="partitions">The topic's number of partitions, at least 1.</param>
    public static int Partition(uint hash, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return Math.Abs((int)hash % partitions);
    }
}
