using System.Buffers.Binary;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Groups;

/// <summary>The bytes that members of type <c>consumer</c> exchange through the coordinator: a version, then the message.</summary>
/// <remarks>A later version only appends fields, so it is read as the latest that is known here.</remarks>
internal static class ConsumerProtocol
{
    public const string Type = "consumer";

    // Assignments have the same fields in every version; the first one is understood by everybody.
    private const short AssignmentVersion = 0;

    public static byte[] WriteSubscription(
        IReadOnlyCollection<string> topics,
        byte[]? userData,
        IReadOnlyCollection<TopicPartition> owned,
        int generation,
        string? rack) => Write(
        new ConsumerProtocolSubscription
        {
            Topics = topics.Order(StringComparer.Ordinal).ToArray(),
            UserData = userData,
            OwnedPartitions = owned.GroupBy(p => p.Topic, StringComparer.Ordinal)
                .Select(t => new ConsumerProtocolSubscription.TopicPartition
                {
                    Topic = t.Key,
                    Partitions = t.Select(p => p.Partition).ToArray(),
                })
                .ToArray(),
            GenerationId = generation,
            RackId = rack,
        },
        ConsumerProtocolSubscription.MaxVersion);

    public static GroupMember ReadSubscription(JoinGroupResponse.JoinGroupResponseMember member)
    {
        var subscription = Read<ConsumerProtocolSubscription>(member.Metadata);
        return new GroupMember
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.GroupInstanceId,
            Topics = subscription.Topics,
            UserData = subscription.UserData is { } data ? data : (ReadOnlyMemory<byte>?)null,
            OwnedPartitions = subscription.OwnedPartitions.SelectMany(
                t => t.Partitions.Select(p => new TopicPartition(t.Topic, p))).ToArray(),
            OwnedGeneration = subscription.GenerationId,
            Rack = subscription.RackId,
        };
    }

    public static byte[] WriteAssignment(IReadOnlyCollection<TopicPartition> partitions) => Write(
        new ConsumerProtocolAssignment
        {
            AssignedPartitions = partitions.GroupBy(p => p.Topic, StringComparer.Ordinal)
                .Select(t => new ConsumerProtocolAssignment.TopicPartition
                {
                    Topic = t.Key,
                    Partitions = t.Select(p => p.Partition).ToArray(),
                })
                .ToArray(),
        },
        AssignmentVersion);

    public static TopicPartition[] ReadAssignment(byte[] assignment) => assignment.Length == 0
        ? []
        : Read<ConsumerProtocolAssignment>(assignment).AssignedPartitions
            .SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Topic, p)))
            .Distinct()
            .ToArray();

    private static byte[] Write(IKafkaMessage message, short version)
    {
        using var frame = new FrameBuffer();
        frame.BeginFrame();
        var writer = new KafkaWriter(frame);
        writer.WriteInt16(version);
        message.Write(ref writer, version);
        writer.Flush();
        frame.EndFrame();
        var result = new byte[frame.Length - 4];
        frame.CopyBodyTo(result);
        return result;
    }

    private static T Read<T>(byte[] bytes)
        where T : IKafkaMessage<T>
    {
        var version = bytes.Length >= 2 ? BinaryPrimitives.ReadInt16BigEndian(bytes) : (short)-1;
        if (version < T.MinVersion)
            throw new ProtocolException(
                $"{T.MessageName}: {bytes.Length} bytes with version {version} came from another member of the group; it cannot be read.");
        var reader = new KafkaReader(bytes.AsMemory(2));
        return T.Read(ref reader, Math.Min(version, T.MaxVersion));
    }
}
