using Caudal.Client.Configuration;
using Caudal.Compression;

namespace Caudal.Client;

/// <summary>How a producer behaves, apart from the types of its records. Immutable: change a copy by <c>with</c>.</summary>
public record ProducerOptions
{
    /// <summary>When a broker acknowledges records.</summary>
    /// <value>Kafka's <c>acks</c>. Default <see cref="Acks.All"/>.</value>
    public Acks Acks { get; init; } = Acks.All;

    /// <summary>Whether records are numbered, so that a repetition after a lost answer neither doubles nor reorders them.</summary>
    /// <value>
    /// Kafka's <c>enable.idempotence</c>. Default null: yes with <see cref="Acks.All"/>, no with others. Without it a retry may double a
    /// record, and
    /// reorder records unless <see cref="MaxInFlight"/> is 1.
    /// </value>
    public bool? EnableIdempotence { get; init; }

    /// <summary>
    /// How long the first record of a batch waits for others. A record that is awaited does not wait while nothing of its partition is on
    /// its way.
    /// </summary>
    /// <value>Kafka's <c>linger.ms</c>. Default 5 ms, 0 to send at once.</value>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// The size at which a partition's batch is complete, in bytes before compression. A larger record travels in a batch of its own.
    /// </summary>
    /// <value>
    /// Kafka's <c>batch.size</c>. Default 262144 (256 KiB): large enough that the cost of a request vanishes beside that of its records,
    /// small enough that five in flight do not queue for long behind each other, and below every broker's default limit of 1 MiB a batch.
    /// At least 1.
    /// </value>
    public int BatchSize { get; init; } = 256 * 1024;

    /// <summary>The most bytes of one request, and of one record.</summary>
    /// <value>Kafka's <c>max.request.size</c>. Default 1048576 (1 MiB); brokers refuse larger batches unless told otherwise.</value>
    public int MaxRequestSize { get; init; } = 1024 * 1024;

    /// <summary>The most bytes of records that wait for their acknowledgement; more are not admitted.</summary>
    /// <value>Kafka's <c>buffer.memory</c>. Default 33554432 (32 MiB), at least <see cref="BatchSize"/>.</value>
    public long BufferMemory { get; init; } = 32 * 1024 * 1024;

    /// <summary>How long an awaited record may wait for room in the buffer, and any record for its topic to be found.</summary>
    /// <value>Kafka's <c>max.block.ms</c>. Default 60 s.</value>
    public TimeSpan MaxBlock { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long delivering a record is tried. A record that may have been written already is tried until an answer tells, if idempotence is
    /// on.
    /// </summary>
    /// <value>
    /// Kafka's <c>delivery.timeout.ms</c>. Default 2 min; at least <see cref="Linger"/> and the client's request timeout together.
    /// </value>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How many requests to one broker may be unanswered.</summary>
    /// <value>Kafka's <c>max.in.flight.requests.per.connection</c>. Default 5; 1 to 5 with idempotence, else at least 1.</value>
    public int MaxInFlight { get; init; } = 5;

    /// <summary>The codec of batches.</summary>
    /// <value>Kafka's <c>compression.type</c>. Default <see cref="CompressionType.None"/>.</value>
    public CompressionType Compression { get; init; } = CompressionType.None;

    /// <summary>The codec's level, or null for its default.</summary>
    /// <value>Kafka's <c>compression.gzip.level</c>, <c>compression.lz4.level</c> and <c>compression.zstd.level</c>.</value>
    public int? CompressionLevel { get; init; }

    /// <summary>Chooses partitions for records that name none.</summary>
    /// <value>librdkafka's <c>partitioner</c>. Default <see cref="Partitioners.Murmur2"/>, as Java's producer.</value>
    public IPartitioner Partitioner { get; init; } = Partitioners.Murmur2;

    /// <summary>Whether a broker that creates topics on demand may do so for records of an unknown topic.</summary>
    /// <value>
    /// librdkafka's <c>allow.auto.create.topics</c>. Default true, as Java's producer; the broker's <c>auto.create.topics.enable</c> has
    /// the last word.
    /// </value>
    public bool AllowAutoCreateTopics { get; init; } = true;

    /// <summary>
    /// The name under which the producer has transactions: with it, records are produced in transactions only. Of all producers with the
    /// same name the one that began last is the only one that can write.
    /// </summary>
    /// <value>Kafka's <c>transactional.id</c>. Default null: no transactions. Needs <see cref="Acks.All"/> and idempotence.</value>
    public string? TransactionalId { get; init; }

    /// <summary>How long a transaction may be open before the coordinator aborts it and fences the producer.</summary>
    /// <value>
    /// Kafka's <c>transaction.timeout.ms</c>. Default 60 s, at least 1 ms; at most the broker's <c>transaction.max.timeout.ms</c>, which
    /// is 15 min unless changed.
    /// </value>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long disposing a producer waits for what is under way. Closing takes a token instead.</summary>
    /// <value>Default 30 s.</value>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    internal bool IsIdempotent => EnableIdempotence ?? Acks == Acks.All;

    /// <summary>Options from properties by Kafka's names, Java's and librdkafka's, e.g. <c>linger.ms</c>.</summary>
    /// <param name="properties">
    /// The properties. Those of clients and consumers are left to them, so that one set of properties may configure all.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Names that mean nothing here, with the nearest name that does, or values that cannot be read; all are listed.
    /// </exception>
    public static ProducerOptions FromProperties(IEnumerable<KeyValuePair<string, string>> properties) =>
        OptionProperties.Apply(new ProducerOptions(), ProducerProperties.Table, properties);

    /// <summary>Lists every fault of these options with its remedy; empty when they are good.</summary>
    public virtual IReadOnlyList<string> Validate()
    {
        var faults = new OptionFaults();
        if (!Enum.IsDefined(Acks))
            faults.Add($"acks is {(int)Acks}; it must be 0, 1 or all.");
        if (EnableIdempotence == true && Acks != Acks.All)
            faults.Add($"enable.idempotence needs acks=all, and acks is {(int)Acks}; set acks to all or enable.idempotence to false.");
        faults.InRange("max.in.flight.requests.per.connection", MaxInFlight, 1, IsIdempotent ? 5 : 1_000_000);
        faults.AtLeast("linger.ms", Linger, TimeSpan.Zero);
        faults.AtLeast("max.block.ms", MaxBlock, TimeSpan.Zero);
        faults.AtLeast("delivery.timeout.ms", DeliveryTimeout, Linger, "linger.ms");
        faults.AtLeast(nameof(CloseTimeout), CloseTimeout, TimeSpan.Zero);
        faults.InRange("max.request.size", MaxRequestSize, 1024, 1 << 30);
        faults.InRange("batch.size", BatchSize, 1, 1 << 30);
        faults.InRange("buffer.memory", BufferMemory, Math.Max(BatchSize, 1), long.MaxValue);
        if (CompressionLevel is { } level && Enum.IsDefined(Compression))
            CheckLevel(faults, level);
        if (!Enum.IsDefined(Compression))
            faults.Add($"compression.type is {(int)Compression}; it must be none, gzip, snappy, lz4 or zstd.");
        faults.NotNull("partitioner", Partitioner);
        faults.AtLeast("transaction.timeout.ms", TransactionTimeout, TimeSpan.FromMilliseconds(1));
        if (TransactionalId is { Length: 0 })
            faults.Add("transactional.id is empty; name the producer, or leave it out to produce without transactions.");
        if (TransactionalId is not null && !IsIdempotent)
            faults.Add("transactional.id needs enable.idempotence, which is off; leave it out, and acks at all.");
        return faults.List;
    }

    private void CheckLevel(OptionFaults faults, int level)
    {
        var (min, max, preset) = CompressionTypes.LevelRange(Compression);
        var name = CompressionTypes.Name(Compression);
        if (min == max)
            faults.Add($"The codec {name} has no levels; leave the level out.");
        else if (level != preset && (level < min || level > max))
            faults.Add($"compression.{name}.level is {level}; it must be from {min} to {max}, or left out for {preset}.");
    }
}
