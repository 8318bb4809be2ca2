using Caudal.Client.Configuration;

namespace Caudal.Client;

/// <summary>Properties by Kafka's names, from wherever a program keeps its configuration.</summary>
public static class KafkaProperties
{
    /// <summary>Puts names as configurations spell them into Kafka's spelling.</summary>
    /// <param name="settings">
    /// Names and values. <c>BootstrapServers</c>, <c>bootstrap:servers</c>, <c>BOOTSTRAP_SERVERS</c> and <c>bootstrap.servers</c> are the
    /// same
    /// name. Null values are left out.
    /// </param>
    /// <returns>The properties; a name that is not known stays as it is, so that it is reported where it is used.</returns>
    public static IReadOnlyDictionary<string, string> Normalize(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in settings)
        {
            if (value is not null)
                properties[OptionProperties.Canonical(name)] = value;
        }

        return properties;
    }
}
