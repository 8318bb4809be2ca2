namespace Caudal.Client;

/// <summary>A setting and its value.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Value">The value; null if it is sensitive or not set.</param>
/// <param name="Source">Where the value comes from.</param>
/// <param name="IsReadOnly">Whether it cannot be changed while the broker runs.</param>
/// <param name="IsSensitive">Whether the value is kept secret.</param>
public sealed record ConfigEntry(string Name, string? Value, ConfigSource Source, bool IsReadOnly, bool IsSensitive)
{
    /// <summary>Whether nobody has set it.</summary>
    public bool IsDefault => Source == ConfigSource.Default;
}

/// <summary>Where the value of a setting comes from, by Kafka's numbers.</summary>
public enum ConfigSource
{
    /// <summary>The broker did not tell, or in a way that is not known here.</summary>
    Unknown = 0,

    /// <summary>The topic's own setting.</summary>
    Topic = 1,

    /// <summary>Set for this broker while it runs.</summary>
    DynamicBroker = 2,

    /// <summary>Set for all brokers while they run.</summary>
    DynamicDefaultBroker = 3,

    /// <summary>The broker's configuration file.</summary>
    StaticBroker = 4,

    /// <summary>Nobody has set it.</summary>
    Default = 5,

    /// <summary>Set for a broker's loggers.</summary>
    DynamicBrokerLogger = 6,

    /// <summary>Set for clients.</summary>
    ClientMetrics = 7,

    /// <summary>The group's own setting.</summary>
    Group = 8,
}
