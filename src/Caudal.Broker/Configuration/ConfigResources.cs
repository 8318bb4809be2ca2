namespace Caudal.Broker.Configuration;

/// <summary>The kinds of things that have settings, by Kafka's numbers.</summary>
internal static class ConfigResources
{
    /// <summary>A topic.</summary>
    public const sbyte Topic = 2;

    /// <summary>A broker by its id, or all brokers by the empty name.</summary>
    public const sbyte Broker = 4;

    /// <summary>A group by its name.</summary>
    public const sbyte Group = 32;

    /// <summary>Says that a kind has no settings here.</summary>
    public static string NoSettings(sbyte type) => $"Resources of the kind {Name(type)} have no settings here.";

    /// <summary>Whether a kind exists in Kafka.</summary>
    public static bool Exists(sbyte type) => type is Topic or Broker or 8 or 16 or Group;

    private static string Name(sbyte type) => type switch
    {
        Topic => "TOPIC",
        Broker => "BROKER",
        8 => "BROKER_LOGGER",
        16 => "CLIENT_METRICS",
        Group => "GROUP",
        _ => $"of type {type}",
    };
}
