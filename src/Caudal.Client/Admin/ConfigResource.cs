namespace Caudal.Client;

/// <summary>What settings belong to.</summary>
/// <param name="Type">A topic, a broker or a group.</param>
/// <param name="Name">The topic's or group's name, or the broker's id as text; empty for the default of all brokers.</param>
public readonly record struct ConfigResource(ConfigResourceType Type, string Name)
{
    /// <summary>A topic's settings.</summary>
    public static ConfigResource Topic(string name) => new(ConfigResourceType.Topic, name);

    /// <summary>A broker's settings.</summary>
    public static ConfigResource Broker(int id) =>
        new(ConfigResourceType.Broker, id.ToString(System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>The kinds of things that have settings, by Kafka's numbers.</summary>
public enum ConfigResourceType
{
    /// <summary>A topic.</summary>
    Topic = 2,

    /// <summary>A broker.</summary>
    Broker = 4,

    /// <summary>A group.</summary>
    Group = 32,
}
