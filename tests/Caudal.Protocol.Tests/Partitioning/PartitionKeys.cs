using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Caudal.Protocol.Tests.Partitioning;

/// <summary>10,000 keys that are the same on every machine for ever: the fixture stores their partitions, not the keys.</summary>
internal static class PartitionKeys
{
    internal const int Count = 10_000;

    // Key i goes among the i-th of these numbers of partitions. The last one shows 16 bits of the hash.
    private static readonly int[] Partitions = [3, 16, 100, 65_535];

    private static readonly string[] Words = ["größe", "ключ", "鍵", "🔑", "São Paulo", "naïve", "مفتاح", "", " ", "\0", "\t"];

    internal static int PartitionsOf(int index) => Partitions[index % Partitions.Length];

    internal static IEnumerable<byte[]> All()
    {
        ulong state = 20261124;
        for (var index = 0; index < Count; index++)
        {
            // The last eight have a megabyte, with every length of the tail behind whole words.
            yield return index == 0 ? [] : index >= Count - 8 ? Bytes(ref state, (1 << 20) + index - Count) : Key(ref state, index);
        }
    }

    private static byte[] Key(ref ulong state, int index)
    {
        var number = Next(ref state);
        switch (index % 9)
        {
            case 0:
                return Encoding.UTF8.GetBytes("order-" + (number % 1_000_000).ToString(CultureInfo.InvariantCulture));
            case 1:
                return Encoding.UTF8.GetBytes(number.ToString("x16", CultureInfo.InvariantCulture));
            case 2:
                return Encoding.UTF8.GetBytes(Words[number % (ulong)Words.Length] + "/" + Words[(number >> 32) % (ulong)Words.Length]);
            case 3:
                return Bytes(ref state, (int)(number % 17));
            case 4:
                return Bytes(ref state, (int)(number % 300));
            case 5:
                var four = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(four, (int)number);
                return four;
            case 6:
                var eight = new byte[8];
                BinaryPrimitives.WriteUInt64BigEndian(eight, number % 100_000);
                return eight;
            case 7:
                return [.. Enumerable.Repeat((byte)('a' + (number % 26)), (int)(number >> 32) & 63)];
            default:
                return Bytes(ref state, (int)(number % 4096));
        }
    }

    private static byte[] Bytes(ref ulong state, int length)
    {
        var bytes = new byte[length];
        for (var index = 0; index < length; index++)
            bytes[index] = (byte)(Next(ref state) >> 56);
        return bytes;
    }

    // SplitMix64: System.Random promises nothing about other versions of .NET.
    private static ulong Next(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
