using Caudal.Broker.Nodes;
using Caudal.Protocol;

namespace Caudal.Broker.Topics;

/// <summary>One change of what the broker knows besides its logs, as the journal holds it.</summary>
/// <remarks>Encoded with the protocol's primitives, not flexible: a type byte, then the fields in their order.</remarks>
internal abstract partial record MetadataRecord
{
    private MetadataRecord()
    {
    }

    /// <summary>A topic was created, or stands in a rewritten journal as it is now.</summary>
    public sealed record TopicCreated(string Name, Uuid Id, int Partitions, IReadOnlyDictionary<string, string> Configs) : MetadataRecord;

    /// <summary>A topic was deleted; its logs may still lie in the directory.</summary>
    public sealed record TopicDeleted(Uuid Id) : MetadataRecord;

    /// <summary>A topic has so many partitions now.</summary>
    public sealed record PartitionsAdded(Uuid Id, int Partitions) : MetadataRecord;

    /// <summary>A topic's own settings are these now.</summary>
    public sealed record TopicConfigured(Uuid Id, IReadOnlyDictionary<string, string> Configs) : MetadataRecord;

    /// <summary>The dynamic settings of the broker, or of all brokers, are these now.</summary>
    public sealed record BrokerConfigured(bool AllBrokers, IReadOnlyDictionary<string, string> Configs) : MetadataRecord;

    /// <summary>Producer ids below this one may have been given away.</summary>
    public sealed record ProducerIdsReserved(long Next) : MetadataRecord;

    /// <summary>A topic's partitions live on these nodes now, by partition number.</summary>
    public sealed record PartitionsPlaced(Uuid Id, PartitionPlacement[] Placements) : MetadataRecord;

    /// <summary>Writes the record.</summary>
    public void Write(ref KafkaWriter writer)
    {
        switch (this)
        {
            case TopicCreated created:
                writer.WriteInt8(1);
                writer.WriteString(created.Name, false);
                writer.WriteUuid(created.Id);
                writer.WriteInt32(created.Partitions);
                WriteMap(ref writer, created.Configs);
                break;
            case TopicDeleted deleted:
                writer.WriteInt8(2);
                writer.WriteUuid(deleted.Id);
                break;
            case PartitionsAdded added:
                writer.WriteInt8(3);
                writer.WriteUuid(added.Id);
                writer.WriteInt32(added.Partitions);
                break;
            case TopicConfigured configured:
                writer.WriteInt8(4);
                writer.WriteUuid(configured.Id);
                WriteMap(ref writer, configured.Configs);
                break;
            case BrokerConfigured configured:
                writer.WriteInt8(5);
                writer.WriteBoolean(configured.AllBrokers);
                WriteMap(ref writer, configured.Configs);
                break;
            case ProducerIdsReserved reserved:
                writer.WriteInt8(6);
                writer.WriteInt64(reserved.Next);
                break;
            case PartitionsPlaced placed:
                writer.WriteInt8(16);
                writer.WriteUuid(placed.Id);
                WritePlacements(ref writer, placed.Placements);
                break;
            default:
                WriteAdmin(ref writer);
                break;
        }
    }

    /// <summary>Reads a record.</summary>
    /// <exception cref="ProtocolException">The bytes are no record that this version knows.</exception>
    public static MetadataRecord Read(ref KafkaReader reader)
    {
        reader.Enter("MetadataRecord", 0);
        var type = reader.ReadInt8("Type");
        return type switch
        {
            1 => new TopicCreated(
                reader.ReadString(false, "Name"), reader.ReadUuid("Id"), reader.ReadInt32("Partitions"), ReadMap(ref reader)),
            2 => new TopicDeleted(reader.ReadUuid("Id")),
            3 => new PartitionsAdded(reader.ReadUuid("Id"), reader.ReadInt32("Partitions")),
            4 => new TopicConfigured(reader.ReadUuid("Id"), ReadMap(ref reader)),
            5 => new BrokerConfigured(reader.ReadBoolean("AllBrokers"), ReadMap(ref reader)),
            6 => new ProducerIdsReserved(reader.ReadInt64("Next")),
            16 => new PartitionsPlaced(reader.ReadUuid("Id"), ReadPlacements(ref reader)),
            _ => ReadAdmin(ref reader, type)
                ?? throw new ProtocolException($"A metadata record of type {type} is not known to this version; a newer one wrote it."),
        };
    }

    private static void WritePlacements(ref KafkaWriter writer, PartitionPlacement[] placements)
    {
        writer.WriteArrayLength(placements.Length, false);
        foreach (var placement in placements)
        {
            writer.WriteInt32(placement.Leader);
            writer.WriteInt32(placement.LeaderEpoch);
            WriteIds(ref writer, placement.Replicas);
            WriteIds(ref writer, placement.Isr);
        }
    }

    private static PartitionPlacement[] ReadPlacements(ref KafkaReader reader)
    {
        var placements = new PartitionPlacement[reader.ReadArrayLength(false, 16, "Placements")];
        for (var i = 0; i < placements.Length; i++)
        {
            placements[i] = new PartitionPlacement(
                reader.ReadInt32("Leader"), reader.ReadInt32("LeaderEpoch"), ReadIds(ref reader, "Replicas"), ReadIds(ref reader, "Isr"));
        }

        return placements;
    }

    private static void WriteIds(ref KafkaWriter writer, int[] ids)
    {
        writer.WriteArrayLength(ids.Length, false);
        foreach (var id in ids)
            writer.WriteInt32(id);
    }

    private static int[] ReadIds(ref KafkaReader reader, string name)
    {
        var ids = new int[reader.ReadArrayLength(false, 4, name)];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = reader.ReadInt32(name);
        return ids;
    }

    private static void WriteMap(ref KafkaWriter writer, IReadOnlyDictionary<string, string> map)
    {
        writer.WriteArrayLength(map.Count, false);
        foreach (var (key, value) in map)
        {
            writer.WriteString(key, false);
            writer.WriteString(value, false);
        }
    }

    private static Dictionary<string, string> ReadMap(ref KafkaReader reader)
    {
        var count = reader.ReadArrayLength(false, 4, "Configs");
        var map = new Dictionary<string, string>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
            map[reader.ReadString(false, "Name")] = reader.ReadString(false, "Value");
        return map;
    }
}
