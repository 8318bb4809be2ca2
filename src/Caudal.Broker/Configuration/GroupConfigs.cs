namespace Caudal.Broker.Configuration;

/// <summary>
/// The settings of groups by Kafka's names. They concern the protocols of KIP-848, share and streams groups: groups of the classic protocol
/// have none. Kept, told and altered here for the tools; served with those protocols.
/// </summary>
internal static class GroupConfigs
{
    /// <summary>All of them.</summary>
    public static readonly ConfigDefinition[] All =
    [
        .. OfProtocol("consumer"),
        .. OfProtocol("share"),
        new("share.auto.offset.reset", ConfigType.String, "latest", "Where a share group starts in a partition that it has not read yet.")
        {
            CheckFormat = static value => value is "earliest" or "latest" || IsDuration(value)
                ? null
                : "The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
        },
        Number("share.delivery.count.limit", "5", "How often a record is delivered at most.", 1),
        new("share.isolation.level", ConfigType.String, "read_uncommitted", "Whether share groups read records of open transactions.")
        {
            Allowed = ["read_committed", "read_uncommitted"],
        },
        Number("share.partition.max.record.locks", "2000", "How many records of a partition are on their way at most.", 100),
        Number("share.record.lock.duration.ms", "30000", "How long a member may take over a record, in ms.", 1000),
        new("share.renew.acknowledge.enable", ConfigType.Boolean, "true", "Whether members may ask for more time for a record."),
        .. OfProtocol("streams"),
        Number("streams.initial.rebalance.delay.ms", "3000", "How long a new group waits for more members, in ms.", 0),
        Number("streams.num.standby.replicas", "0", "How many standby copies of its state each task has.", 0),
    ];

    // Settings whose bounds are settings of the broker in Kafka; here they are those settings' defaults.
    private static readonly Dictionary<string, (double Min, double Max)> Bounds = new(StringComparer.Ordinal)
    {
        ["session.timeout.ms"] = (45_000, 60_000),
        ["heartbeat.interval.ms"] = (5_000, 15_000),
        ["assignment.interval.ms"] = (0, 15_000),
        ["delivery.count.limit"] = (2, 10),
        ["partition.max.record.locks"] = (100, 4_000),
        ["record.lock.duration.ms"] = (15_000, 60_000),
        ["num.standby.replicas"] = (0, 2),
    };

    private static readonly Dictionary<string, ConfigDefinition> ByName = All.ToDictionary(static d => d.Name, StringComparer.Ordinal);

    /// <summary>Looks a setting up.</summary>
    public static ConfigDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The name under which Kafka's brokers hold the default of a setting.</summary>
    public static string DefaultName(string name) =>
        name is "share.auto.offset.reset" or "share.isolation.level" or "share.renew.acknowledge.enable" ? name : "group." + name;

    /// <summary>Says what is wrong with the settings of a group, in Kafka's words; null if nothing is.</summary>
    public static string? Check(IEnumerable<KeyValuePair<string, string>> settings)
    {
        foreach (var (name, value) in settings)
        {
            if (Find(name) is not { } definition)
                return $"Unknown group config name: {name}{NearestName.Suggest(name, ByName.Keys)}";
            if ((definition.Check(value) ?? CheckBounds(name, value)) is { } fault)
                return fault;
        }

        return null;
    }

    private static string? CheckBounds(string name, string value)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var (protocol, rest) = (name[..dot], name[(dot + 1)..]);
        if (!Bounds.TryGetValue(rest, out var bounds))
            return null;
        // The one name that Kafka's bounds shorten.
        rest = rest == "num.standby.replicas" ? "standby.replicas" : rest;
        var number = int.Parse(value.Trim(), System.Globalization.CultureInfo.InvariantCulture);
        return number < bounds.Min ? $"{name} must be greater than or equal to group.{protocol}.min.{rest}"
            : number > bounds.Max ? $"{name} must be less than or equal to group.{protocol}.max.{rest}"
            : null;
    }

    private static ConfigDefinition[] OfProtocol(string protocol) =>
    [
        Number(protocol + ".assignment.interval.ms", "1000", "How long assignments are at least apart, in ms.", 0),
        Number(protocol + ".heartbeat.interval.ms", "5000", "How often members are told to send heartbeats, in ms.", 1),
        Number(protocol + ".session.timeout.ms", "45000", "After what silence a member is taken for dead, in ms.", 1),
    ];

    private static ConfigDefinition Number(
        string name, string value, string documentation, double min) =>
        new(name, ConfigType.Int, value, documentation) { Min = min };

    private static bool IsDuration(string value)
    {
        const string Prefix = "by_duration:";
        if (!value.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        try
        {
            return System.Xml.XmlConvert.ToTimeSpan(value[Prefix.Length..]) >= TimeSpan.Zero;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
