using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Caudal.Protocol.Partitioning;

namespace Caudal.Protocol.Tests.Partitioning;

/// <summary>Keys go where the other clients of each ecosystem put them: a join across languages depends on it.</summary>
/// <remarks>
/// partitions.bin.gz holds three numbers of 16 bits for each of <see cref="PartitionKeys"/>: murmur2, CRC-32, FNV-1a. They came from
/// franz-go (murmur2) and sarama (CRC-32, FNV-1a) except for keys that hold a line break or a megabyte, from librdkafka 2.15.1 (all three)
/// and from Kafka's Java client 4.3.1 (murmur2), which agreed on every key.
/// </remarks>
public sealed class PartitioningTests
{
    [Fact]
    public void Ten_thousand_keys_go_where_the_other_ecosystems_put_them()
    {
        var expected = Fixture();
        Assert.Equal(PartitionKeys.Count * 6, expected.Length);
        var index = 0;
        foreach (var key in PartitionKeys.All())
        {
            var partitions = PartitionKeys.PartitionsOf(index);
            var row = expected.AsSpan(index * 6);
            Assert.Equal(BinaryPrimitives.ReadUInt16LittleEndian(row), Murmur2.Partition(Murmur2.Hash(key), partitions));
            Assert.Equal(BinaryPrimitives.ReadUInt16LittleEndian(row[2..]), Crc32.Partition(Crc32.Hash(key), partitions));
            Assert.Equal(BinaryPrimitives.ReadUInt16LittleEndian(row[4..]), Fnv1A.Partition(Fnv1A.Hash(key), partitions));
            index++;
        }

        Assert.Equal(PartitionKeys.Count, index);
    }

    [Theory]
    [InlineData("", 0u, 0x811c9dc5u)]
    [InlineData("a", 0xe8b7be43u, 0xe40c292cu)]
    [InlineData("123456789", 0xcbf43926u, 0xbb86b11cu)]
    [InlineData("foobar", 0x9ef61f95u, 0xbf9cf968u)]
    public void Published_vectors_agree(string key, uint crc32, uint fnv1A)
    {
        Assert.Equal(crc32, Crc32.Hash(Encoding.ASCII.GetBytes(key)));
        Assert.Equal(fnv1A, Fnv1A.Hash(Encoding.ASCII.GetBytes(key)));
    }

    [Fact]
    public void Partitions_are_never_negative_nor_too_large()
    {
        var random = new Random(6);
        uint[] edges = [0, 1, int.MaxValue, 0x80000000, 0x80000001, uint.MaxValue];
        for (var round = 0; round < 10_000; round++)
        {
            var hash = round < edges.Length ? edges[round] : (uint)random.NextInt64(1L << 32);
            var partitions = random.Next(2) == 0 ? random.Next(1, 100) : random.Next(1, int.MaxValue);
            Assert.InRange(Murmur2.Partition(hash, partitions), 0, partitions - 1);
            Assert.InRange(Crc32.Partition(hash, partitions), 0, partitions - 1);
            Assert.InRange(Fnv1A.Partition(hash, partitions), 0, partitions - 1);
        }
    }

    [Fact]
    public void A_topic_without_partitions_is_a_mistake()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Murmur2.Partition(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Crc32.Partition(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fnv1A.Partition(1, -1));
    }

    private static byte[] Fixture()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "fixtures", "partitions.bin.gz"));
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var output = new MemoryStream();
        gzip.CopyTo(output);
        return output.ToArray();
    }
}
