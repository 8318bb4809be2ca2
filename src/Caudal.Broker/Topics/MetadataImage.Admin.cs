using Caudal.Broker.Admin;

namespace Caudal.Broker.Topics;

/// <content>What administrators set besides topics: quotas, credentials, features, settings of groups.</content>
internal sealed partial class MetadataImage
{
    /// <summary>The quotas by what they are for.</summary>
    public Dictionary<QuotaEntity, IReadOnlyDictionary<string, double>> Quotas { get; } = [];

    /// <summary>The SCRAM credentials.</summary>
    public Dictionary<ScramUser, ScramCredential> ScramCredentials { get; } = [];

    /// <summary>The levels of features that somebody changed.</summary>
    public Dictionary<string, short> Features { get; } = new(StringComparer.Ordinal);

    /// <summary>The settings of groups that somebody changed, by the groups' names.</summary>
    public Dictionary<string, IReadOnlyDictionary<string, string>> Groups { get; } = new(StringComparer.Ordinal);

    private void ApplyAdmin(MetadataRecord record)
    {
        switch (record)
        {
            case MetadataRecord.QuotasSet { Values.Count: 0 } removed:
                Quotas.Remove(removed.Entity);
                break;
            case MetadataRecord.QuotasSet quotas:
                Quotas[quotas.Entity] = quotas.Values;
                break;
            case MetadataRecord.ScramCredentialSet { Credential: null } removed:
                ScramCredentials.Remove(removed.User);
                break;
            case MetadataRecord.ScramCredentialSet { Credential: { } credential } scram:
                ScramCredentials[scram.User] = credential;
                break;
            case MetadataRecord.FeatureSet feature:
                Features[feature.Name] = feature.Level;
                break;
            case MetadataRecord.GroupConfigured { Configs.Count: 0 } removed:
                Groups.Remove(removed.Name);
                break;
            case MetadataRecord.GroupConfigured group:
                Groups[group.Name] = group.Configs;
                break;
        }
    }

    private IEnumerable<MetadataRecord> AdminSnapshot()
    {
        foreach (var (entity, quotas) in Quotas)
            yield return new MetadataRecord.QuotasSet(entity, quotas);
        foreach (var (user, credential) in ScramCredentials)
            yield return new MetadataRecord.ScramCredentialSet(user, credential);
        foreach (var (name, level) in Features)
            yield return new MetadataRecord.FeatureSet(name, level);
        foreach (var (name, configs) in Groups)
            yield return new MetadataRecord.GroupConfigured(name, configs);
    }
}
