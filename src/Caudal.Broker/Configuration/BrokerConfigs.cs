using Caudal.Broker.Fetching;
using Caudal.Broker.Network;

namespace Caudal.Broker.Configuration;

/// <summary>
/// The broker's own settings, by Kafka's names. Defaults are Kafka's, but for those that make sense of a single broker that starts at once.
/// </summary>
internal static partial class BrokerConfigs
{
    private const double Any = double.PositiveInfinity;

    /// <summary>All of them.</summary>
    public static readonly ConfigDefinition[] All =
    [
        .. WithoutEffect,
        // Identity and network.
        Number("node.id", ConfigType.Int, "1", "The broker's id in the cluster.", 0),
        Number("broker.id", ConfigType.Int, "1", "The older name of node.id.", -1),
        Text("broker.rack", null, "The rack that the broker says it stands in."),
        Text(ReplicaSelector.Setting, null, "Where consumers that name their rack read: the leader if not set, or by racks (KIP-392).")
            with { Allowed = [ReplicaSelector.RackAware, ReplicaSelector.Leader] },
        List("process.roles", "broker,controller", "The roles of the process: always both here."),
        List("advertised.listeners", null,
            "The address that clients are told to connect to, as PLAINTEXT://HOST:PORT; without it the address listened on."),
        Number("socket.request.max.bytes", ConfigType.Int, "104857600",
            "The largest request that is read, in bytes; larger ones close the connection.", 1024),
        Number("socket.send.buffer.bytes", ConfigType.Int, "102400",
            "What the system holds of a response that its client has not read, in bytes; -1 for as much as the system likes, which is "
            + "megabytes for each connection.",
            -1),
        Number("connections.max.idle.ms", ConfigType.Long, "600000",
            "How long a connection may be silent before it is closed, in ms; one whose request is waiting is not silent.", -1),
        Number("max.connections", ConfigType.Int, "2147483647",
            "How many connections are open at the same time; more are closed as they come.", 1),
        Number("max.connections.per.ip", ConfigType.Int, "2147483647",
            "How many connections from one address are open at the same time; more are closed as they come.", 0),
        List(AddressLimits.Setting, "",
            "What max.connections.per.ip is for single addresses or hosts, as HOST:COUNT with commas between them.")
            with { CheckFormat = AddressLimits.Check },
        Number("queued.max.request.bytes", ConfigType.Long, "-1",
            "How many bytes large requests take together before receiving waits; -1 for a quarter of the memory there is.", -1),
        // Topics.
        Flag("auto.create.topics.enable", "true",
            "Whether a topic is created when a client asks for its metadata and allows creation.", dynamic: false),
        Number("num.partitions", ConfigType.Int, "1", "How many partitions a topic gets that does not say how many.", 1),
        Number("default.replication.factor", ConfigType.Int, "1",
            "The replication factor of topics that do not say which; at most as many as there are nodes.", 1),
        Flag("delete.topic.enable", "true", "Whether topics can be deleted.", dynamic: false),
        Number("min.insync.replicas", ConfigType.Int, "1", "Default of the topics' min.insync.replicas.", 1, dynamic: true),
        Flag("unclean.leader.election.enable", "false", "Default of the topics' unclean.leader.election.enable.", dynamic: true),
        // Fetching.
        Number("fetch.max.bytes", ConfigType.Int, "57671680",
            "The most bytes of records in one fetch response, whatever the client asks for.", 1024),
        Number("max.incremental.fetch.session.cache.slots", ConfigType.Int, "1000", "How many fetch sessions are remembered.", 0),
        Number("max.request.partition.size.limit", ConfigType.Int, "2000",
            "The most partitions that one answer to DescribeTopicPartitions tells of.", 1),
        // The topics' defaults.
        Words("log.cleanup.policy", ConfigType.List, "delete", "Default of the topics' cleanup.policy.", "compact", "delete"),
        Words("compression.type", ConfigType.String, "producer",
            "Default of the topics' compression.type.", "uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"),
        Number("compression.gzip.level", ConfigType.Int, "-1", "Default of the topics' compression.gzip.level.", 1, 9, dynamic: true)
            with { Besides = -1 },
        Number("compression.lz4.level", ConfigType.Int, "9", "Default of the topics' compression.lz4.level.", 1, 17, dynamic: true),
        Number("compression.zstd.level", ConfigType.Int, "3", "Default of the topics' compression.zstd.level.", -131072, 22, dynamic: true),
        Number("message.max.bytes", ConfigType.Int, "1048588", "Default of the topics' max.message.bytes.", 0, dynamic: true),
        Words("log.message.timestamp.type", ConfigType.String, "CreateTime",
            "Default of the topics' message.timestamp.type.", "CreateTime", "LogAppendTime"),
        Number("log.message.timestamp.before.max.ms", ConfigType.Long, "9223372036854775807",
            "Default of the topics' message.timestamp.before.max.ms.", 0, dynamic: true),
        Number("log.message.timestamp.after.max.ms", ConfigType.Long, "3600000",
            "Default of the topics' message.timestamp.after.max.ms.", 0, dynamic: true),
        Number("log.segment.bytes", ConfigType.Int, "1073741824", "Default of the topics' segment.bytes.", 1 << 20, dynamic: true),
        Number("log.index.size.max.bytes", ConfigType.Int, "10485760", "Default of the topics' segment.index.bytes.", 4, dynamic: true),
        Number("log.index.interval.bytes", ConfigType.Int, "4096", "Default of the topics' index.interval.bytes.", 0, dynamic: true),
        Number("log.roll.ms", ConfigType.Long, null,
            "Default of the topics' segment.ms; without it log.roll.hours counts.", 1, dynamic: true),
        Number("log.roll.hours", ConfigType.Int, "168", "Default of the topics' segment.ms, in hours.", 1),
        Number("log.roll.jitter.ms", ConfigType.Long, null,
            "Default of the topics' segment.jitter.ms; without it log.roll.jitter.hours counts.", 0, dynamic: true),
        Number("log.roll.jitter.hours", ConfigType.Int, "0", "Default of the topics' segment.jitter.ms, in hours.", 0),
        Number("log.retention.ms", ConfigType.Long, null,
            "Default of the topics' retention.ms; without it log.retention.minutes counts.", -1, dynamic: true),
        Number("log.retention.minutes", ConfigType.Int, null,
            "Default of the topics' retention.ms, in minutes; without it log.retention.hours counts.", -1),
        Number("log.retention.hours", ConfigType.Int, "168", "Default of the topics' retention.ms, in hours.", -1),
        Number("log.retention.bytes", ConfigType.Long, "-1", "Default of the topics' retention.bytes.", -Any, dynamic: true),
        Number("log.local.retention.bytes", ConfigType.Long, "-2", "Default of the topics' local.retention.bytes.", -2, dynamic: true),
        Number("log.local.retention.ms", ConfigType.Long, "-2", "Default of the topics' local.retention.ms.", -2, dynamic: true),
        Number("log.segment.delete.delay.ms", ConfigType.Long, "60000", "Default of the topics' file.delete.delay.ms.", 0, dynamic: true),
        Number("log.flush.interval.messages", ConfigType.Long, "9223372036854775807",
            "Default of the topics' flush.messages.", 1, dynamic: true),
        Number("log.flush.interval.ms", ConfigType.Long, null, "Default of the topics' flush.ms.", 0, dynamic: true),
        Flag("log.preallocate", "false", "Default of the topics' preallocate.", dynamic: true),
        Number("log.cleaner.delete.retention.ms", ConfigType.Long, "86400000",
            "Default of the topics' delete.retention.ms.", 0, dynamic: true),
        Number("log.cleaner.min.cleanable.ratio", ConfigType.Double, "0.5",
            "Default of the topics' min.cleanable.dirty.ratio.", 0, 1, dynamic: true),
        Number("log.cleaner.min.compaction.lag.ms", ConfigType.Long, "0",
            "Default of the topics' min.compaction.lag.ms.", 0, dynamic: true),
        Number("log.cleaner.max.compaction.lag.ms", ConfigType.Long, "9223372036854775807",
            "Default of the topics' max.compaction.lag.ms.", 1, dynamic: true),
        Flag("log.cleaner.enable", "true", "Whether logs with cleanup.policy=compact are compacted.", dynamic: false),
        Number("log.cleaner.backoff.ms", ConfigType.Long, "15000", "How often logs are looked for that are due for compaction, in ms.", 1),
        Number("log.cleaner.dedupe.buffer.size", ConfigType.Long, "134217728",
            "How much memory compaction may take for its table of keys, in bytes: 40 for each distinct key at most.", 1),
        Number("log.cleaner.io.max.bytes.per.second", ConfigType.Double, "1.7976931348623157E308",
            "How many bytes a second compaction may read and write, together and on average.", dynamic: true),
        Number("log.retention.check.interval.ms", ConfigType.Long, "300000", "How often old segments are looked for, in ms.", 1),
        List("log.dirs", null, "The data directory; told by the broker, set by its options."),
        // Groups and their offsets.
        Number("group.initial.rebalance.delay.ms", ConfigType.Int, "0",
            "How long a new group waits for more members before its first assignment, in ms. Kafka's default is 3000; here a lone "
            + "consumer starts at once.",
            0),
        Number("group.min.session.timeout.ms", ConfigType.Int, "6000", "The shortest session timeout that a member may ask for, in ms.", 1),
        Number("group.max.session.timeout.ms", ConfigType.Int, "1800000",
            "The longest session timeout that a member may ask for, in ms.", 1),
        Number("group.max.size", ConfigType.Int, "2147483647", "How many members a group may have.", 1),
        Number("offset.metadata.max.bytes", ConfigType.Int, "4096", "The longest text that goes with a committed offset, in bytes.", 0),
        Number("offsets.topic.num.partitions", ConfigType.Int, "3",
            "How many partitions __consumer_offsets gets. Kafka's default is 50, for clusters.", 1),
        Number("offsets.topic.replication.factor", ConfigType.Short, "3",
            "The replication factor of __consumer_offsets; at most as many as there are nodes are used.", 1),
        Number("offsets.topic.segment.bytes", ConfigType.Int, "104857600", "The segment.bytes of __consumer_offsets.", 1),
        Number("offsets.retention.minutes", ConfigType.Int, "10080",
            "How long the offsets of a group without members are kept, in minutes.", 1),
        Number("offsets.retention.check.interval.ms", ConfigType.Long, "600000", "How often expired offsets are looked for, in ms.", 1),
        // Transactions, as far as scripts for a single broker set them.
        Number("transaction.state.log.replication.factor", ConfigType.Short, "3",
            "The replication factor of __transaction_state; at most as many as there are nodes are used.", 1),
        Number("transaction.state.log.segment.bytes", ConfigType.Int, "104857600", "The segment.bytes of __transaction_state.", 1),
        Number("transaction.state.log.min.isr", ConfigType.Int, "1", "The min.insync.replicas of __transaction_state.", 1),
        Number("transaction.state.log.num.partitions", ConfigType.Int, "3", "How many partitions __transaction_state gets.", 1),
        Number("transaction.abort.timed.out.transaction.cleanup.interval.ms", ConfigType.Int, "10000",
            "How often transactions that are open for too long are looked for, in ms.", 1),
        Number("transactional.id.expiration.ms", ConfigType.Int, "604800000",
            "After what silence a transactional id is forgotten, in ms.", 1),
        Number("transaction.remove.expired.transaction.cleanup.interval.ms", ConfigType.Int, "3600000",
            "How often such transactional ids are looked for, in ms.", 1),
        Number("transaction.max.timeout.ms", ConfigType.Int, "900000",
            "The longest transaction timeout that a producer may ask for, in ms.", 1),
        Number("producer.id.expiration.ms", ConfigType.Int, "86400000",
            "After what silence a producer's sequence numbers are forgotten, in ms.", 1, dynamic: true),
    ];

    private static readonly Dictionary<string, ConfigDefinition> ByName = All.ToDictionary(d => d.Name, StringComparer.Ordinal);

    private static readonly Dictionary<string, string[]> Families = TopicConfigs.All
        .Where(static topic => topic.Synonyms.Length > 1)
        .Select(static topic => Array.ConvertAll(topic.Synonyms, static synonym => synonym.Name))
        .SelectMany(static family => family.Select(name => (name, family)))
        .ToDictionary(StringComparer.Ordinal);

    /// <summary>Looks a setting up.</summary>
    public static bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ConfigDefinition? definition) =>
        ByName.TryGetValue(name, out definition);

    /// <summary>
    /// The settings that say the same in other units, the strongest first, this one among them: log.retention.ms beats log.retention.hours.
    /// </summary>
    public static IReadOnlyList<string> Family(string name) => Families.TryGetValue(name, out var family) ? family : [name];

    /// <summary>Says what is wrong with one setting that is altered while the broker runs; null if nothing is.</summary>
    public static string? CheckDynamic(string name, string value) =>
        TryGet(name, out var definition) && definition.HasNoEffect ? definition.Check(value) : Check(name, value);

    /// <summary>Says what is wrong with one setting; null if nothing is.</summary>
    public static string? Check(string name, string value)
    {
        if (TryGet(name, out var definition))
            return definition.HasNoEffect ? $"{name} has no effect on this broker: leave it out" : definition.Check(value);
        return TopicConfigs.TryGet(name, out var topic) && topic.Synonyms.Length > 0
            ? $"Unknown broker config name: {name} is a topic's setting; its default for all topics is {topic.Synonyms[0].Name}"
            : $"Unknown broker config name: {name}{NearestName.Suggest(name, ByName.Keys)}";
    }

    private static ConfigDefinition Number(
        string name, ConfigType type, string? value, string documentation, double min = -Any, double max = Any, bool dynamic = false) =>
        new(name, type, value, documentation) { Min = min, Max = max, IsDynamic = dynamic };

    private static ConfigDefinition Words(string name, ConfigType type, string value, string documentation, params string[] allowed) =>
        new(name, type, value, documentation) { Allowed = allowed, IsDynamic = true };

    private static ConfigDefinition Flag(string name, string value, string documentation, bool dynamic) =>
        new(name, ConfigType.Boolean, value, documentation) { IsDynamic = dynamic };

    private static ConfigDefinition List(string name, string? value, string documentation) =>
        new(name, ConfigType.List, value, documentation);

    private static ConfigDefinition Text(string name, string? value, string documentation) =>
        new(name, ConfigType.String, value, documentation);
}
