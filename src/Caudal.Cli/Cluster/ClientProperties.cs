using System.Globalization;
using Caudal.Client;
using Caudal.Compression;

namespace Caudal.Cli.Cluster;

/// <summary>Client properties by Kafka's names, as they stand in <c>.properties</c> files and <c>--command-property</c>.</summary>
/// <remarks>A property of another kind of client does nothing, as in Java; one that nobody knows is refused by name.</remarks>
internal sealed class ClientProperties
{
    private static readonly Dictionary<string, Func<KafkaClientOptions, Property, KafkaClientOptions>> OfClient = new()
    {
        ["client.id"] = (o, p) => o with { ClientId = p.Value },
        ["request.timeout.ms"] = (o, p) => o with { RequestTimeout = p.Time, ApiTimeout = o.ApiTimeout < p.Time ? p.Time : o.ApiTimeout },
        ["default.api.timeout.ms"] = (o, p) => o with { ApiTimeout = p.Time },
        ["socket.connection.setup.timeout.ms"] = (o, p) => o with { ConnectTimeout = p.Time },
        ["reconnect.backoff.ms"] = (o, p) => o with { ReconnectBackoff = p.Time },
        ["reconnect.backoff.max.ms"] = (o, p) => o with { ReconnectBackoffMax = p.Time },
        ["retry.backoff.ms"] = (o, p) => o with { RetryBackoff = p.Time },
        ["retry.backoff.max.ms"] = (o, p) => o with { RetryBackoffMax = p.Time },
        ["metadata.max.age.ms"] = (o, p) => o with { MetadataMaxAge = p.Time },
    };

    private static readonly Dictionary<string, Func<ProducerOptions, Property, ProducerOptions>> OfProducer = new()
    {
        ["acks"] = (o, p) => o with { Acks = p.OneOf(("0", Acks.None), ("1", Acks.Leader), ("all", Acks.All), ("-1", Acks.All)) },
        ["enable.idempotence"] = (o, p) => o with { EnableIdempotence = p.Truth },
        ["linger.ms"] = (o, p) => o with { Linger = p.Time },
        ["batch.size"] = (o, p) => o with { BatchSize = p.Int },
        ["max.request.size"] = (o, p) => o with { MaxRequestSize = p.Int },
        ["buffer.memory"] = (o, p) => o with { BufferMemory = p.Long },
        ["max.block.ms"] = (o, p) => o with { MaxBlock = p.Time },
        ["delivery.timeout.ms"] = (o, p) => o with { DeliveryTimeout = p.Time },
        ["max.in.flight.requests.per.connection"] = (o, p) => o with { MaxInFlight = p.Int },
        ["compression.type"] = (o, p) => o with { Compression = p.Codec },
        ["compression.gzip.level"] = (o, p) => o.Compression == CompressionType.Gzip ? o with { CompressionLevel = p.Int } : o,
        ["compression.lz4.level"] = (o, p) => o.Compression == CompressionType.Lz4 ? o with { CompressionLevel = p.Int } : o,
        ["compression.zstd.level"] = (o, p) => o.Compression == CompressionType.Zstd ? o with { CompressionLevel = p.Int } : o,
        ["allow.auto.create.topics"] = (o, p) => o with { AllowAutoCreateTopics = p.Truth },
        ["partitioner"] = (o, p) => o with
        {
            Partitioner = p.OneOf(("murmur2", Partitioners.Murmur2), ("crc32", Partitioners.Crc32), ("fnv1a", Partitioners.Fnv1A), ("random", Partitioners.Random)),
        },
    };

    private static readonly Dictionary<string, Func<ConsumerOptions, Property, ConsumerOptions>> OfConsumer = new()
    {
        ["group.id"] = (o, p) => o with { GroupId = p.Value },
        ["group.instance.id"] = (o, p) => o with { GroupInstanceId = p.Value },
        ["auto.offset.reset"] = (o, p) => o with
        {
            AutoOffsetReset = p.OneOf(("earliest", AutoOffsetReset.Earliest), ("latest", AutoOffsetReset.Latest), ("none", AutoOffsetReset.None)),
        },
        ["enable.auto.commit"] = (o, p) => o with { EnableAutoCommit = p.Truth },
        ["auto.commit.interval.ms"] = (o, p) => o with { AutoCommitInterval = p.Time },
        ["session.timeout.ms"] = (o, p) => o with { SessionTimeout = p.Time },
        ["heartbeat.interval.ms"] = (o, p) => o with { HeartbeatInterval = p.Time },
        ["max.poll.interval.ms"] = (o, p) => o with { MaxPollInterval = p.Time },
        ["isolation.level"] = (o, p) => o with
        {
            IsolationLevel = p.OneOf(("read_uncommitted", IsolationLevel.ReadUncommitted), ("read_committed", IsolationLevel.ReadCommitted)),
        },
        ["fetch.min.bytes"] = (o, p) => o with { FetchMinBytes = p.Int },
        ["fetch.max.wait.ms"] = (o, p) => o with { FetchMaxWait = p.Time },
        ["fetch.max.bytes"] = (o, p) => o with { FetchMaxBytes = p.Int },
        ["max.partition.fetch.bytes"] = (o, p) => o with { MaxPartitionFetchBytes = p.Int },
        ["check.crcs"] = (o, p) => o with { CheckCrcs = p.Truth },
    };

    private readonly Dictionary<string, string> _values = [];

    /// <summary>Adds a property; a later one replaces an earlier one of the same name.</summary>
    /// <exception cref="CommandException">It is not supported.</exception>
    public void Set(string name, string value)
    {
        if (name == "security.protocol" && value == "PLAINTEXT")
            return;
        if (name is "bootstrap.servers" or "key.serializer" or "value.serializer" or "key.deserializer" or "value.deserializer")
            return;
        if (!OfClient.ContainsKey(name) && !OfProducer.ContainsKey(name) && !OfConsumer.ContainsKey(name))
            throw new CommandException($"the property {name} is not supported. Take it out of the properties.", CaudalCommand.WrongUse);
        _values[name] = value;
    }

    /// <summary>Adds a property of the form <c>name=value</c>.</summary>
    /// <exception cref="CommandException">It has another form, or is not supported.</exception>
    public void SetPair(string option, string text)
    {
        var (name, value) = SplitPair(option, text);
        Set(name, value);
    }

    /// <summary>Adds the properties of a file.</summary>
    /// <exception cref="CommandException">The file cannot be read, or holds a property that is not supported.</exception>
    public async ValueTask LoadAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in await PropertiesFile.ReadAsync(path, cancellationToken))
            Set(name, value);
    }

    /// <summary>Splits <c>name=value</c>; nothing behind the sign is an empty value.</summary>
    /// <exception cref="CommandException">It has another form.</exception>
    public static (string Name, string Value) SplitPair(string option, string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 ? (text[..at].Trim(), text[(at + 1)..]) : throw new CommandException($"{option} {text}: expected name=value.", CaudalCommand.WrongUse);
    }

    /// <summary>Changes options of a client by the properties that are about clients.</summary>
    public KafkaClientOptions Apply(KafkaClientOptions options) => Apply(options, OfClient);

    /// <summary>Changes options of a producer by the properties that are about producers.</summary>
    public ProducerOptions Apply(ProducerOptions options) => Apply(options, OfProducer);

    /// <summary>Changes options of a consumer by the properties that are about consumers.</summary>
    public ConsumerOptions Apply(ConsumerOptions options) => Apply(options, OfConsumer);

    private T Apply<T>(T options, Dictionary<string, Func<T, Property, T>> known)
    {
        // Levels mean something only once the codec is known.
        foreach (var (name, value) in _values.OrderBy(property => property.Key != "compression.type"))
        {
            if (known.TryGetValue(name, out var change))
                options = change(options, new Property(name, value.Trim()));
        }

        return options;
    }

    /// <summary>A property whose value is read as what it should be.</summary>
    private readonly record struct Property(string Name, string Value)
    {
        public int Int => int.TryParse(Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Fault("a whole number");

        public long Long => long.TryParse(Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Fault("a whole number");

        public TimeSpan Time => TimeSpan.FromMilliseconds(Long);

        public bool Truth => OneOf(("true", true), ("false", false));

        public CompressionType Codec => CompressionTypes.TryParse(Value, out var type) ? type : throw Fault("none, gzip, snappy, lz4 or zstd");

        public T OneOf<T>(params ReadOnlySpan<(string Name, T Value)> choices)
        {
            var names = new List<string>();
            foreach (var choice in choices)
            {
                if (choice.Name.Equals(Value, StringComparison.OrdinalIgnoreCase))
                    return choice.Value;
                names.Add(choice.Name);
            }

            throw Fault(string.Join(" or ", names));
        }

        private CommandException Fault(string expected) => new($"the property {Name} is '{Value}'; expected {expected}.", CaudalCommand.WrongUse);
    }
}
