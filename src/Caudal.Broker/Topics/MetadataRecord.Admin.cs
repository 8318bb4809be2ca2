using Caudal.Broker.Admin;
using Caudal.Protocol;

namespace Caudal.Broker.Topics;

/// <content>What administrators set besides topics: quotas, credentials, features, settings of groups.</content>
internal abstract partial record MetadataRecord
{
    /// <summary>The quotas of an entity are these now; none removes it.</summary>
    public sealed record QuotasSet(QuotaEntity Entity, IReadOnlyDictionary<string, double> Values) : MetadataRecord;

    /// <summary>A user's credential is this now; null removes it.</summary>
    public sealed record ScramCredentialSet(ScramUser User, ScramCredential? Credential) : MetadataRecord;

    /// <summary>A feature works at this level now.</summary>
    public sealed record FeatureSet(string Name, short Level) : MetadataRecord;

    /// <summary>A group's own settings are these now; none forgets it.</summary>
    public sealed record GroupConfigured(string Name, IReadOnlyDictionary<string, string> Configs) : MetadataRecord;

    private void WriteAdmin(ref KafkaWriter writer)
    {
        switch (this)
        {
            case QuotasSet quotas:
                writer.WriteInt8(20);
                writer.WriteArrayLength(quotas.Entity.Parts.Length, false);
                foreach (var (type, name) in quotas.Entity.Parts)
                {
                    writer.WriteString(type, false);
                    writer.WriteString(name, false);
                }

                writer.WriteArrayLength(quotas.Values.Count, false);
                foreach (var (key, value) in quotas.Values)
                {
                    writer.WriteString(key, false);
                    writer.WriteInt64(BitConverter.DoubleToInt64Bits(value));
                }

                break;
            case ScramCredentialSet scram:
                writer.WriteInt8(21);
                writer.WriteString(scram.User.Name, false);
                writer.WriteInt8((sbyte)scram.User.Mechanism);
                writer.WriteBoolean(scram.Credential is not null);
                if (scram.Credential is not { } credential)
                    break;
                writer.WriteBytes(credential.Salt, false);
                writer.WriteBytes(credential.StoredKey, false);
                writer.WriteBytes(credential.ServerKey, false);
                writer.WriteInt32(credential.Iterations);
                break;
            case FeatureSet feature:
                writer.WriteInt8(22);
                writer.WriteString(feature.Name, false);
                writer.WriteInt16(feature.Level);
                break;
            case GroupConfigured group:
                writer.WriteInt8(23);
                writer.WriteString(group.Name, false);
                WriteMap(ref writer, group.Configs);
                break;
        }
    }

    private static MetadataRecord? ReadAdmin(ref KafkaReader reader, sbyte type) => type switch
    {
        20 => new QuotasSet(ReadEntity(ref reader), ReadQuotas(ref reader)),
        21 => new ScramCredentialSet(
            new ScramUser(reader.ReadString(false, "Name"), (ScramMechanism)reader.ReadInt8("Mechanism")),
            reader.ReadBoolean("IsSet")
                ? new ScramCredential(
                    reader.ReadBytes(false, "Salt"),
                    reader.ReadBytes(false, "StoredKey"),
                    reader.ReadBytes(false, "ServerKey"),
                    reader.ReadInt32("Iterations"))
                : null),
        22 => new FeatureSet(reader.ReadString(false, "Name"), reader.ReadInt16("Level")),
        23 => new GroupConfigured(reader.ReadString(false, "Name"), ReadMap(ref reader)),
        _ => null,
    };

    private static QuotaEntity ReadEntity(ref KafkaReader reader)
    {
        var parts = new (string, string?)[reader.ReadArrayLength(false, 4, "Entity")];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = (reader.ReadString(false, "Type"), reader.ReadNullableString(false, "Name"));
        return new QuotaEntity(parts);
    }

    private static Dictionary<string, double> ReadQuotas(ref KafkaReader reader)
    {
        var count = reader.ReadArrayLength(false, 10, "Quotas");
        var quotas = new Dictionary<string, double>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
            quotas[reader.ReadString(false, "Key")] = BitConverter.Int64BitsToDouble(reader.ReadInt64("Value"));
        return quotas;
    }
}
