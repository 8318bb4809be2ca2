using Caudal.Client;
using Microsoft.Extensions.Configuration;

namespace Caudal.Hosting;

/// <summary>Kafka's properties from an application's configuration.</summary>
public static class KafkaConfiguration
{
    /// <summary>Reads a section: every value in it, however deep, is a property.</summary>
    /// <param name="configuration">The section, e.g. <c>configuration.GetSection("Kafka")</c>.</param>
    /// <returns>The properties by Kafka's names; a name that is not known stays as it is, so that it is reported where it is
    /// used.</returns>
    public static IReadOnlyDictionary<string, string> Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return KafkaProperties.Normalize(
            configuration.AsEnumerable(makePathsRelative: true).Select(e => new KeyValuePair<string, string?>(e.Key, e.Value)));
    }
}
