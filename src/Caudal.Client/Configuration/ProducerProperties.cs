using Caudal.Compression;
using static Caudal.Client.Configuration.PropertyValues;

namespace Caudal.Client.Configuration;

/// <summary>The properties of <see cref="ProducerOptions"/>.</summary>
internal static class ProducerProperties
{
    public static readonly OptionProperty<ProducerOptions>[] Table =
    [
        new(
            "acks",
            "0, 1 or all",
            (o, v) => OneOf(v, a => o with { Acks = a }, ("all", Acks.All), ("-1", Acks.All), ("1", Acks.Leader), ("0", Acks.None)),
            "request.required.acks"),
        new("enable.idempotence", PropertyValues.Boolean, (o, v) => Bool(v, b => o with { EnableIdempotence = b })),
        new("linger.ms", Milliseconds, (o, v) => Time(v, t => o with { Linger = t }), "queue.buffering.max.ms"),
        new("batch.size", Bytes, (o, v) => Int(v, n => o with { BatchSize = n })),
        new("max.request.size", Bytes, (o, v) => Int(v, n => o with { MaxRequestSize = n }), "message.max.bytes"),
        new("buffer.memory", Bytes, (o, v) => Long(v, n => o with { BufferMemory = n })),
        new("max.block.ms", Milliseconds, (o, v) => Time(v, t => o with { MaxBlock = t })),
        new("delivery.timeout.ms", Milliseconds, (o, v) => Time(v, t => o with { DeliveryTimeout = t }), "message.timeout.ms"),
        new("max.in.flight.requests.per.connection", Number, (o, v) => Int(v, n => o with { MaxInFlight = n }), "max.in.flight"),
        new(
            "compression.type",
            "none, gzip, snappy, lz4 or zstd",
            (o, v) => CompressionTypes.TryParse(v, out var type) ? o with { Compression = type } : null,
            "compression.codec"),
        new("compression.gzip.level", Number, (o, v) => Level(o, v, CompressionType.Gzip)),
        new("compression.lz4.level", Number, (o, v) => Level(o, v, CompressionType.Lz4)),
        new("compression.zstd.level", Number, (o, v) => Level(o, v, CompressionType.Zstd)),
        new("compression.level", Number, (o, v) => Int(v, n => o with { CompressionLevel = n < 0 ? null : n })),
        new(
            "partitioner",
            "murmur2, murmur2_random, consistent, consistent_random, fnv1a, fnv1a_random, random, round_robin or manual",
            Partitioner,
            "partitioner.class"),
        new("transactional.id", "a name", (o, v) => o with { TransactionalId = v }),
        new("transaction.timeout.ms", Milliseconds, (o, v) => Time(v, t => o with { TransactionTimeout = t })),
        new("allow.auto.create.topics", PropertyValues.Boolean, (o, v) => Bool(v, b => o with { AllowAutoCreateTopics = b })),
    ];

    // Levels of the codecs that are not chosen are set beside the one that is, and mean nothing: properties may come in any order.
    private static ProducerOptions? Level(ProducerOptions options, string text, CompressionType codec) =>
        Int(text, level => options with { CompressionLevel = options.Compression == codec ? level : options.CompressionLevel });

    private static ProducerOptions? Partitioner(ProducerOptions options, string text) => OneOf(
        text,
        partitioner => options with { Partitioner = partitioner },
        ("murmur2", Partitioners.Murmur2OfNulls),
        ("murmur2_random", Partitioners.Murmur2),
        ("org.apache.kafka.clients.producer.internals.DefaultPartitioner", Partitioners.Murmur2),
        ("consistent", Partitioners.Consistent),
        ("consistent_random", Partitioners.Crc32),
        ("crc32", Partitioners.Crc32),
        ("fnv1a", Partitioners.Fnv1AOfNulls),
        ("fnv1a_random", Partitioners.Fnv1A),
        ("random", Partitioners.Random),
        ("manual", Partitioners.Manual),
        ("round_robin", Partitioners.CreateRoundRobin()),
        ("org.apache.kafka.clients.producer.RoundRobinPartitioner", Partitioners.CreateRoundRobin()));
}
