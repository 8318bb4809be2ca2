using System.Buffers.Binary;

namespace Caudal.Protocol.Partitioning;

/// <summary>Murmur2 of 32 bits as Kafka's Java clients use it to choose partitions.</summary>
/// <remarks>Source: A. Appleby, MurmurHash2 (2008), with the seed of Kafka. Pure functions, nothing is allocated.</remarks>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;

    /// <summary>Hashes a key.</summary>
    public static uint Hash(ReadOnlySpan<byte> key)
    {
        var hash = Seed ^ (uint)key.Length;
        while (key.Length >= 4)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(key) * Multiplier;
            word ^= word >> 24;
            hash = (hash * Multiplier) ^ (word * Multiplier);
            key = key[4..];
        }

        if (key.Length > 0)
        {
            uint rest = 0;
            for (var index = key.Length - 1; index >= 0; index--)
                rest = (rest << 8) | key[index];
            hash = (hash ^ rest) * Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }

    /// <summary>The partition of a hash, by the rule of Java's clients: the sign bit is dropped.</summary>
    /// <param name="hash">The key's <see cref="Hash"/>.</param>
    /// <param name="partitions">The topic's number of partitions, at least 1.</param>
    public static int Partition(uint hash, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (int)(hash & int.MaxValue) % partitions;
    }
}
