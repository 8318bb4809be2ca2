using Caudal.Client.Configuration;
using Caudal.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caudal.Client;

/// <summary>What a <see cref="KafkaClient"/> needs to know of its cluster. Immutable: change a copy by <c>with</c>.</summary>
public sealed record KafkaClientOptions
{
    /// <summary>
    /// Where the cluster is found first: <c>host:port</c>, several separated by commas. The rest of the cluster is learnt from there.
    /// </summary>
    /// <value>Kafka's <c>bootstrap.servers</c>. Required.</value>
    public string BootstrapServers { get; init; } = "";

    /// <summary>The name under which the client appears in the brokers' logs, metrics and quotas.</summary>
    /// <value>Kafka's <c>client.id</c>. Default <c>caudal</c>.</value>
    public string ClientId { get; init; } = "caudal";

    /// <summary>How connections are made: sockets, or a broker in the same process.</summary>
    /// <value>Default: TCP.</value>
    public IConnector Connector { get; init; } = new SocketConnector();

    /// <summary>Where time comes from.</summary>
    /// <value>Default: the system's clock.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where log messages go.</summary>
    /// <value>Default: nowhere.</value>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>How long one request may take on the wire. A connection that exceeds it is cut.</summary>
    /// <value>Kafka's <c>request.timeout.ms</c>. Default 30 s, at least 100 ms.</value>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an operation may take with all its retries, where it has no option of its own.</summary>
    /// <value>Kafka's <c>default.api.timeout.ms</c>. Default 60 s, at least <see cref="RequestTimeout"/>.</value>
    public TimeSpan ApiTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long connecting to one broker may take, the exchange of versions included.</summary>
    /// <value>Kafka's <c>socket.connection.setup.timeout.ms</c>. Default 10 s, more than 0.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait after the first failed attempt to connect to a broker; it doubles with each further one.</summary>
    /// <value>Kafka's <c>reconnect.backoff.ms</c>. Default 50 ms.</value>
    public TimeSpan ReconnectBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait between attempts to connect to a broker.</summary>
    /// <value>Kafka's <c>reconnect.backoff.max.ms</c>. Default 1 s, at least <see cref="ReconnectBackoff"/>.</value>
    public TimeSpan ReconnectBackoffMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait before a failed request is sent again; it doubles with each further failure (KIP-580).</summary>
    /// <value>Kafka's <c>retry.backoff.ms</c>. Default 100 ms.</value>
    public TimeSpan RetryBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between two attempts of a request.</summary>
    /// <value>Kafka's <c>retry.backoff.max.ms</c>. Default 1 s, at least <see cref="RetryBackoff"/>.</value>
    public TimeSpan RetryBackoffMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The age at which what is known of topics and brokers is asked for again, although nothing failed.</summary>
    /// <value>Kafka's <c>metadata.max.age.ms</c>. Default 5 min, at least 1 s.</value>
    public TimeSpan MetadataMaxAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What to do when none of the known brokers can be reached.</summary>
    /// <value>Kafka's <c>metadata.recovery.strategy</c>. Default <see cref="MetadataRecovery.Rebootstrap"/>.</value>
    public MetadataRecovery MetadataRecovery { get; init; } = MetadataRecovery.Rebootstrap;

    /// <summary>
    /// After how long without metadata, although brokers can be connected to, the client starts anew from the bootstrap list (KIP-1102).
    /// </summary>
    /// <value>Kafka's <c>metadata.recovery.rebootstrap.trigger.ms</c>. Default 5 min.</value>
    public TimeSpan RebootstrapTrigger { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Options from properties by Kafka's names, Java's and librdkafka's, e.g. <c>bootstrap.servers</c>.</summary>
    /// <param name="properties">
    /// The properties. Those of producers and consumers are left to them, so that one set of properties may configure all.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Names that mean nothing here, with the nearest name that does, or values that cannot be read; all are listed.
    /// </exception>
    public static KafkaClientOptions FromProperties(IEnumerable<KeyValuePair<string, string>> properties) =>
        OptionProperties.Apply(new KafkaClientOptions(), ClientProperties.Table, properties);

    /// <summary>Lists every fault of these options with its remedy; empty when they are good.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new OptionFaults();
        faults.Bootstrap(BootstrapServers);
        faults.AtLeast("request.timeout.ms", RequestTimeout, TimeSpan.FromMilliseconds(100));
        faults.AtLeast("default.api.timeout.ms", ApiTimeout, RequestTimeout, "request.timeout.ms");
        faults.AtLeast("socket.connection.setup.timeout.ms", ConnectTimeout, TimeSpan.FromMilliseconds(1));
        faults.AtLeast("reconnect.backoff.ms", ReconnectBackoff, TimeSpan.Zero);
        faults.AtLeast("reconnect.backoff.max.ms", ReconnectBackoffMax, ReconnectBackoff, "reconnect.backoff.ms");
        faults.AtLeast("retry.backoff.ms", RetryBackoff, TimeSpan.Zero);
        faults.AtLeast("retry.backoff.max.ms", RetryBackoffMax, RetryBackoff, "retry.backoff.ms");
        faults.AtLeast("metadata.max.age.ms", MetadataMaxAge, TimeSpan.FromSeconds(1));
        faults.AtLeast("metadata.recovery.rebootstrap.trigger.ms", RebootstrapTrigger, TimeSpan.Zero);
        faults.NotNull("client.id", ClientId);
        faults.NotNull(nameof(Connector), Connector);
        faults.NotNull(nameof(TimeProvider), TimeProvider);
        faults.NotNull(nameof(LoggerFactory), LoggerFactory);
        return faults.List;
    }
}
