namespace Caudal.Client.Configuration;

/// <summary>
/// Options from properties by Kafka's names: three tables, and what to do with names and values that are in none of them.
/// </summary>
internal static class OptionProperties
{
    // Applied first, because others depend on them.
    private static readonly string[] FirstOnes = ["compression.type", "compression.codec"];

    // What configurations of other clients carry along, and what is decided by types here.
    private static readonly string[] Harmless =
    [
        "key.serializer", "value.serializer", "key.deserializer", "value.deserializer",
        "client.dns.lookup", "socket.keepalive.enable", "api.version.request", "exclude.internal.topics", "log.connection.close",
        "socket.nagle.disable", "broker.address.family", "socket.connection.setup.timeout.max.ms",
    ];

    // What means something to others and nothing here, with what to do instead.
    private static readonly (string Name, string Instead)[] Unsupported =
    [
        ("ssl.", "TLS is not supported yet"),
        ("sasl.", "SASL is not supported yet"),
        ("interceptor.classes", "give the options Interceptors, which are objects, not names of classes"),
        ("metric.reporters", "listen to the meter Caudal.Client"),
        ("statistics.interval.ms", "listen to the meter Caudal.Client"),
        ("max.poll.records", "records come one by one or batch by batch; RunAsync is bounded by ProcessingOptions.MaxPending"),
        ("enable.partition.eof", "set ConsumerOptions.PartitionEndReached"),
        ("retries", "retries end with delivery.timeout.ms"),
        ("message.send.max.retries", "retries end with delivery.timeout.ms"),
        ("batch.num.messages", "batches are limited by batch.size"),
        ("queue.buffering.max.messages", "what waits is limited by buffer.memory"),
        ("queued.min.messages", "what is fetched ahead is limited by queued.max.messages.kbytes"),
        ("connections.max.idle.ms", "brokers close connections that are idle, and the client connects again when it needs to"),
        ("send.buffer.bytes", "give SocketConnector its SocketOptions"),
        ("receive.buffer.bytes", "give SocketConnector its SocketOptions"),
        ("socket.send.buffer.bytes", "give SocketConnector its SocketOptions"),
        ("socket.receive.buffer.bytes", "give SocketConnector its SocketOptions"),
        ("client.rack", "reading from replicas nearby is not supported"),
        ("group.protocol", "groups are classic"),
        ("log_level", "set KafkaClientOptions.LoggerFactory"),
        ("debug", "set KafkaClientOptions.LoggerFactory"),
    ];

    private static readonly string[] AllNames =
    [
        .. NamesOf(ClientProperties.Table), .. NamesOf(ProducerProperties.Table), .. NamesOf(ConsumerProperties.Table), .. Harmless,
    ];

    /// <summary>Applies properties to options. Those of the other two kinds of options are left to them.</summary>
    /// <exception cref="ArgumentException">
    /// Names that mean nothing here, or values that cannot be read; the message lists them all.
    /// </exception>
    public static TOptions Apply<TOptions>(
        TOptions options,
        OptionProperty<TOptions>[] table,
        IEnumerable<KeyValuePair<string, string>> properties)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(properties);
        var faults = new List<string>();
        foreach (var (name, value) in properties.OrderBy(property => Array.IndexOf(FirstOnes, property.Key) < 0))
        {
            if (Array.Find(table, property => property.Name == name || Array.IndexOf(property.OtherNames, name) >= 0) is { } property)
            {
                if (property.Apply(options, value) is { } applied)
                    options = applied;
                else
                    faults.Add($"{name} is '{value}'; it must be {property.Expected}.");
            }
            else if (Array.IndexOf(AllNames, name) < 0)
            {
                faults.Add($"{name} {WhyNot(name)}.");
            }
        }

        OptionFaults.ThrowIfAny(faults, typeof(TOptions).Name);
        return options;
    }

    private static IEnumerable<string> NamesOf<TOptions>(OptionProperty<TOptions>[] table)
        where TOptions : class =>
        table.SelectMany(property => property.OtherNames.Prepend(property.Name));

    // The name under which a property is known; configurations spell them with underscores, colons, capitals, or without dots.
    public static string Canonical(string name)
    {
        var letters = Letters(name);
        return Array.Find(AllNames, known => Letters(known) == letters) ?? name;

        static string Letters(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
    }

    private static string WhyNot(string name)
    {
        var unsupported = Array.Find(Unsupported, u => u.Name.EndsWith('.')
            ? name.StartsWith(u.Name, StringComparison.Ordinal)
            : name == u.Name);
        return unsupported.Name is null
            ? $"is not a property that Caudal knows{Suggestion(name)}"
            : $"is not supported: {unsupported.Instead}";
    }

    private static string Suggestion(string name)
    {
        var lower = name.ToLowerInvariant();
        var nearest = AllNames.MinBy(candidate => Distance(lower, candidate))!;
        return Distance(lower, nearest) <= Math.Max(3, name.Length / 3) ? $"; did you mean {nearest}" : "; leave it out";
    }

    // Levenshtein's distance: how many letters to insert, delete or replace.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
