using Caudal.Protocol.Checksums;

namespace Caudal.Protocol.Partitioning;

/// <summary>CRC-32 (IEEE 802.3) as librdkafka's <c>consistent</c> and <c>consistent_random</c> use it to choose partitions.</summary>
/// <remarks>
/// Also sarama's consistent CRC partitioner. Not the checksum of record batches, see <see cref="Crc32C"/>. Pure functions.
/// </remarks>
public static class Crc32
{
    private static readonly CrcTable Table = new(0xEDB88320);

    /// <summary>Hashes a key.</summary>
    public static uint Hash(ReadOnlySpan<byte> key) => ~Table.Update(uint.MaxValue, key);

    /// <summary>The partition of a hash, by librdkafka's rule: the remainder of the unsigned number.</summary>
    /// <param name="hash">The key's <see cref="Hash"/>.</param>
    /// <param name="partitions">The topic's number of partitions, at least 1.</param>
    public static int Partition(uint hash, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (int)(hash % (uint)partitions);
    }
}
