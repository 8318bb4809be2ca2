using System.Buffers.Binary;
using System.Text;
using Caudal.Protocol;

namespace Caudal.Client.Groups;

/// <summary>
/// The user data of Java's sticky assignor: an array of (topic, array of partitions), and from version 1 on the generation in which they
/// were assigned. There is no version on the wire; the generation is there or the bytes end.
/// </summary>
internal static class StickyUserData
{
    public const int NoGeneration = -1;

    public static byte[] Write(IReadOnlyCollection<TopicPartition> partitions, int generation)
    {
        var topics = partitions.Order(PartitionOrder.Instance).GroupBy(p => p.Topic, StringComparer.Ordinal).ToArray();
        var bytes = new byte[8 + topics.Sum(t => 2 + Encoding.UTF8.GetByteCount(t.Key) + 4 + 4 * t.Count())];
        var rest = bytes.AsSpan();
        WriteInt32(ref rest, topics.Length);
        foreach (var topic in topics)
        {
            var length = Encoding.UTF8.GetBytes(topic.Key, rest[2..]);
            BinaryPrimitives.WriteInt16BigEndian(rest, (short)length);
            rest = rest[(2 + length)..];
            WriteInt32(ref rest, topic.Count());
            foreach (var partition in topic)
                WriteInt32(ref rest, partition.Partition);
        }

        WriteInt32(ref rest, generation);
        return bytes;
    }

    /// <summary>Reads either version. Bytes that make no sense claim nothing: another member's mistake must not stop the group.</summary>
    public static (IReadOnlyList<TopicPartition> Partitions, int Generation) Read(ReadOnlyMemory<byte>? userData)
    {
        if (userData is not { Length: > 0 } bytes)
            return ([], NoGeneration);
        try
        {
            var reader = new KafkaReader(bytes);
            reader.Enter("StickyAssignorUserData", 1);
            var result = new List<TopicPartition>();
            for (var topics = reader.ReadArrayLength(false, 6, "PreviousAssignment"); topics > 0; topics--)
            {
                var topic = reader.ReadString(false, "Topic");
                for (var count = reader.ReadArrayLength(false, 4, "Partitions"); count > 0; count--)
                    result.Add(new TopicPartition(topic, reader.ReadInt32("Partitions")));
            }

            return (result, reader.Remaining >= 4 ? reader.ReadInt32("Generation") : NoGeneration);
        }
        catch (ProtocolException)
        {
            return ([], NoGeneration);
        }
    }

    private static void WriteInt32(ref Span<byte> rest, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(rest, value);
        rest = rest[4..];
    }
}
