using System.Globalization;

namespace Caudal.Broker.Configuration;

/// <summary>The settings that a topic can have, by Kafka's names and with Kafka's defaults.</summary>
internal static class TopicConfigs
{
    private const long Hour = 3_600_000;
    private const long Minute = 60_000;

    /// <summary>All of them, in the order of their names.</summary>
    public static readonly ConfigDefinition[] All =
    [
        Words("cleanup.policy", "delete",
            "What happens to old segments: delete drops them by age and size, compact keeps the last value of each key. Both together are "
            + "possible, and nothing at all.",
            ConfigType.List, ["compact", "delete"], "log.cleanup.policy"),
        Number("compression.gzip.level", ConfigType.Int, "-1",
            "The level of gzip where the broker compresses; -1 for the codec's own default.", 1, 9, "compression.gzip.level")
            with { Besides = -1 },
        Number("compression.lz4.level", ConfigType.Int, "9",
            "The level of lz4 where the broker compresses.", 1, 17, "compression.lz4.level"),
        Words("compression.type", "producer",
            "The codec of the stored batches; producer keeps what producers send.",
            ConfigType.String, ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"], "compression.type"),
        Number("compression.zstd.level", ConfigType.Int, "3",
            "The level of zstd where the broker compresses.", -131072, 22, "compression.zstd.level"),
        Number("delete.retention.ms", ConfigType.Long, "86400000",
            "How long compaction keeps tombstones, in ms.", 0, double.PositiveInfinity, "log.cleaner.delete.retention.ms"),
        Number("file.delete.delay.ms", ConfigType.Long, "60000",
            "How long the files of a deleted segment stay on disk, in ms.", 0, double.PositiveInfinity, "log.segment.delete.delay.ms"),
        Number("flush.messages", ConfigType.Long, "9223372036854775807",
            "After how many records the log is forced to disk.", 1, double.PositiveInfinity, "log.flush.interval.messages"),
        Number("flush.ms", ConfigType.Long, "9223372036854775807",
            "After what time the log is forced to disk, in ms.", 0, double.PositiveInfinity, "log.flush.interval.ms"),
        Free("follower.replication.throttled.replicas", ConfigType.List, "",
            "Replicas whose replication is throttled on the followers' side. A single broker has none.")
            with { AreReplicas = true },
        Number("index.interval.bytes", ConfigType.Int, "4096",
            "How many bytes of records lie between two entries of the offset index.",
            0, double.PositiveInfinity, "log.index.interval.bytes"),
        Free("leader.replication.throttled.replicas", ConfigType.List, "",
            "Replicas whose replication is throttled on the leader's side. A single broker has none.")
            with { AreReplicas = true },
        Number("local.retention.bytes", ConfigType.Long, "-2",
            "How much to keep on the local disk when storage is tiered, which it is not here.",
            -2, double.PositiveInfinity, "log.local.retention.bytes"),
        Number("local.retention.ms", ConfigType.Long, "-2",
            "How long to keep on the local disk when storage is tiered, which it is not here.",
            -2, double.PositiveInfinity, "log.local.retention.ms"),
        Number("max.compaction.lag.ms", ConfigType.Long, "9223372036854775807",
            "After what time a record is compacted at the latest, in ms.", 1, double.PositiveInfinity, "log.cleaner.max.compaction.lag.ms"),
        Number("max.message.bytes", ConfigType.Int, "1048588",
            "The largest batch that the topic takes, in bytes as it is sent: compressed if it is.",
            0, double.PositiveInfinity, "message.max.bytes"),
        Number("message.timestamp.after.max.ms", ConfigType.Long, "3600000",
            "How far a record's timestamp may lie in the broker's future, in ms.",
            0, double.PositiveInfinity, "log.message.timestamp.after.max.ms"),
        Number("message.timestamp.before.max.ms", ConfigType.Long, "9223372036854775807",
            "How far a record's timestamp may lie in the broker's past, in ms.",
            0, double.PositiveInfinity, "log.message.timestamp.before.max.ms"),
        Words("message.timestamp.type", "CreateTime",
            "Whose clock stamps the records: the producer's (CreateTime) or the broker's (LogAppendTime).",
            ConfigType.String, ["CreateTime", "LogAppendTime"], "log.message.timestamp.type"),
        Number("min.cleanable.dirty.ratio", ConfigType.Double, "0.5",
            "What part of a log must be dirty before it is compacted.", 0, 1, "log.cleaner.min.cleanable.ratio"),
        Number("min.compaction.lag.ms", ConfigType.Long, "0",
            "How long a record stays uncompacted at least, in ms.", 0, double.PositiveInfinity, "log.cleaner.min.compaction.lag.ms"),
        Number("min.insync.replicas", ConfigType.Int, "1",
            "How many replicas must be in sync for acks=all. This broker is the only one: 1 is all it can give.",
            1, double.PositiveInfinity, "min.insync.replicas"),
        Free("preallocate", ConfigType.Boolean, "false",
            "Whether the file of a new segment gets its whole size at once.", "log.preallocate"),
        Free("remote.log.copy.disable", ConfigType.Boolean, "false",
            "Whether tiered storage takes no more segments. There is no tiered storage here."),
        Free("remote.log.delete.on.disable", ConfigType.Boolean, "false",
            "Whether tiered segments go when tiering is turned off. There is no tiered storage here."),
        Free("remote.storage.enable", ConfigType.Boolean, "false",
            "Whether the topic's storage is tiered. There is no tiered storage here."),
        Number("retention.bytes", ConfigType.Long, "-1",
            "How large a partition may grow before its oldest segments are deleted, in bytes; -1 for any size.",
            double.NegativeInfinity, double.PositiveInfinity, "log.retention.bytes"),
        new("retention.ms", ConfigType.Long, "604800000",
            "How old a segment's newest record may grow before the segment is deleted, in ms; -1 for any age.")
        {
            Min = -1,
            IsDynamic = true,
            Synonyms = [new("log.retention.ms"), new("log.retention.minutes", Minute), new("log.retention.hours", Hour)],
        },
        Number("segment.bytes", ConfigType.Int, "1073741824",
            "The size of a segment file at which the next one begins, in bytes.", 1 << 20, double.PositiveInfinity, "log.segment.bytes"),
        Number("segment.index.bytes", ConfigType.Int, "10485760",
            "The size of a segment's offset index at which the next segment begins, in bytes.",
            4, double.PositiveInfinity, "log.index.size.max.bytes"),
        new("segment.jitter.ms", ConfigType.Long, "0", "By how much at random a segment may end before segment.ms, in ms.")
        {
            Min = 0,
            IsDynamic = true,
            Synonyms = [new("log.roll.jitter.ms"), new("log.roll.jitter.hours", Hour)],
        },
        new("segment.ms", ConfigType.Long, "604800000", "The age at which the next segment begins, in ms.")
        {
            Min = 1,
            IsDynamic = true,
            Synonyms = [new("log.roll.ms"), new("log.roll.hours", Hour)],
        },
        Free("unclean.leader.election.enable", ConfigType.Boolean, "false",
            "Whether a replica that is not in sync may lead. A single broker never needs it.", "unclean.leader.election.enable"),
    ];

    /// <summary>Stands in for segment.bytes where a test needs small segments. As in Kafka it can be set and is not described.</summary>
    public static readonly ConfigDefinition InternalSegmentBytes =
        new("internal.segment.bytes", ConfigType.Int, null, "A segment.bytes without a lower bound, for tests.")
        {
            Min = 14,
            IsDynamic = true,
        };

    private static readonly Dictionary<string, ConfigDefinition> ByName =
        All.Append(InternalSegmentBytes).ToDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>Looks a setting up.</summary>
    public static bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ConfigDefinition? definition) =>
        ByName.TryGetValue(name, out definition);

    /// <summary>Says what is wrong with a topic's settings, in one line; null if nothing is.</summary>
    public static string? Check(IReadOnlyDictionary<string, string> configs)
    {
        foreach (var (name, value) in configs)
        {
            if (!TryGet(name, out var definition))
                return $"Unknown topic config name: {name}{NearestName.Suggest(name, ByName.Keys)}";
            if (definition.Check(value) is { } fault)
                return fault;
        }

        if (Number("min.compaction.lag.ms") is var min && Number("max.compaction.lag.ms") is var max && min > max)
            return $"conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})";
        return configs.TryGetValue("remote.storage.enable", out var tiered) && bool.Parse(tiered.Trim())
            ? "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
            : null;

        long Number(string name) => long.Parse(
            configs.GetValueOrDefault(name) ?? ByName[name].Default!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    /// <summary>Converts the value of a broker's setting to that of the topic's setting it stands in for.</summary>
    public static string Convert(in ConfigSynonym synonym, string value)
    {
        if (synonym.Factor == 1 || !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return value;
        // −1 means "for ever" in every unit.
        return number < 0 ? value : (number * synonym.Factor).ToString(CultureInfo.InvariantCulture);
    }

    private static ConfigDefinition Number(
        string name, ConfigType type, string value, string documentation, double min, double max, params string[] synonyms) =>
        Free(name, type, value, documentation, synonyms) with { Min = min, Max = max };

    private static ConfigDefinition Words(
        string name, string value, string documentation, ConfigType type, string[] allowed, params string[] synonyms) =>
        Free(name, type, value, documentation, synonyms) with { Allowed = allowed };

    private static ConfigDefinition Free(string name, ConfigType type, string value, string documentation, params string[] synonyms) =>
        new(name, type, value, documentation) { IsDynamic = true, Synonyms = [.. synonyms.Select(s => new ConfigSynonym(s))] };
}
