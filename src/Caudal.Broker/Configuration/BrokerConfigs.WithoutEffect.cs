namespace Caudal.Broker.Configuration;

/// <content>
/// Settings that tools change on all running brokers of a cluster, whatever these are, and that mean nothing here. Refusing them would stop
/// such tools; at the start they are refused, so that nobody believes in them.
/// </content>
internal static partial class BrokerConfigs
{
    private static ConfigDefinition[] WithoutEffect =>
    [
        None(Number("num.network.threads", ConfigType.Int, "3", "Kafka's threads for connections.", 1)),
        None(Number("num.io.threads", ConfigType.Int, "8", "Kafka's threads for requests.", 1)),
        None(Number("num.recovery.threads.per.data.dir", ConfigType.Int, "2", "Kafka's threads for opening logs.", 1)),
        None(Number("num.replica.fetchers", ConfigType.Int, "1", "Kafka's threads for replication.", 1)),
        None(Number("background.threads", ConfigType.Int, "10", "Kafka's threads for what is done now and then.", 1)),
        None(Number("log.cleaner.threads", ConfigType.Int, "1", "Kafka's threads for compaction.", 0)),
        None(Number("log.cleaner.io.buffer.size", ConfigType.Int, "524288", "Kafka's buffer for compaction, in bytes.", 0)),
        None(Number("log.cleaner.io.buffer.load.factor", ConfigType.Double, "0.9", "How full Kafka's table of keys gets.", 0)),
        None(Text("sasl.kerberos.service.name", null, "The name that Kafka has in Kerberos.")),
        None(Text("sasl.kerberos.kinit.cmd", "/usr/bin/kinit", "The command for Kerberos tickets.")),
        None(Number("sasl.kerberos.ticket.renew.window.factor", ConfigType.Double, "0.8", "When Kerberos tickets are renewed.")),
        None(Number("sasl.kerberos.ticket.renew.jitter", ConfigType.Double, "0.05", "The jitter of renewing Kerberos tickets.")),
        None(Number("sasl.kerberos.min.time.before.relogin", ConfigType.Long, "60000", "How long Kerberos logins are apart, in ms.")),
        None(Number("sasl.login.refresh.window.factor", ConfigType.Double, "0.8", "When logins are renewed.", 0.5, 1)),
        None(Number("sasl.login.refresh.window.jitter", ConfigType.Double, "0.05", "The jitter of renewing logins.", 0, 0.25)),
        None(Number("sasl.login.refresh.min.period.seconds", ConfigType.Short, "60", "How long renewals are apart, in s.", 0, 900)),
        None(Number("sasl.login.refresh.buffer.seconds", ConfigType.Short, "300", "How long before its end a login is renewed.", 0, 3600)),
    ];

    private static ConfigDefinition None(ConfigDefinition definition) => definition with
    {
        HasNoEffect = true,
        IsDynamic = true,
        Documentation = definition.Documentation + " Without effect on this broker.",
    };
}
