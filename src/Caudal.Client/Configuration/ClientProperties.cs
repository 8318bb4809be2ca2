using static Caudal.Client.Configuration.PropertyValues;

namespace Caudal.Client.Configuration;

/// <summary>The properties of <see cref="KafkaClientOptions"/>.</summary>
internal static class ClientProperties
{
    public static readonly OptionProperty<KafkaClientOptions>[] Table =
    [
        new(
            "bootstrap.servers",
            "host:port, several separated by commas",
            (o, v) => o with { BootstrapServers = v },
            "metadata.broker.list"),
        new("client.id", "a name", (o, v) => o with { ClientId = v }),
        new("request.timeout.ms", Milliseconds, (o, v) => Time(v, t => o with { RequestTimeout = t }), "socket.timeout.ms"),
        new("default.api.timeout.ms", Milliseconds, (o, v) => Time(v, t => o with { ApiTimeout = t })),
        new("socket.connection.setup.timeout.ms", Milliseconds, (o, v) => Time(v, t => o with { ConnectTimeout = t })),
        new("reconnect.backoff.ms", Milliseconds, (o, v) => Time(v, t => o with { ReconnectBackoff = t })),
        new("reconnect.backoff.max.ms", Milliseconds, (o, v) => Time(v, t => o with { ReconnectBackoffMax = t })),
        new("retry.backoff.ms", Milliseconds, (o, v) => Time(v, t => o with { RetryBackoff = t })),
        new("retry.backoff.max.ms", Milliseconds, (o, v) => Time(v, t => o with { RetryBackoffMax = t })),
        new(
            "metadata.max.age.ms",
            Milliseconds,
            (o, v) => Time(v, t => o with { MetadataMaxAge = t }),
            "topic.metadata.refresh.interval.ms"),
        new("metadata.recovery.strategy", "rebootstrap or none", (o, v) => OneOf(
            v, r => o with { MetadataRecovery = r }, ("rebootstrap", MetadataRecovery.Rebootstrap), ("none", MetadataRecovery.None))),
        new("metadata.recovery.rebootstrap.trigger.ms", Milliseconds, (o, v) => Time(v, t => o with { RebootstrapTrigger = t })),
        new("security.protocol", "plaintext, the only one yet", (o, v) => OneOf(v, _ => o, ("plaintext", true))),
    ];
}
