using System.Globalization;

namespace Caudal.Cli.Cluster;

/// <summary>What a broker's properties file says, as Kafka writes it: <c>config/server.properties</c>.</summary>
/// <param name="Host">The address to listen on; null if the file does not say.</param>
/// <param name="Port">The port to listen on; null if the file does not say.</param>
/// <param name="Directory">The data directory; null if the file does not say.</param>
/// <param name="Config">All other settings that mean something here, not checked yet.</param>
/// <param name="WithoutEffect">Kafka's settings that mean nothing in this broker, by name.</param>
internal sealed record ServerProperties(
    string? Host, int? Port, string? Directory, Dictionary<string, string> Config, IReadOnlyList<string> WithoutEffect)
{
    private const string Plaintext = "PLAINTEXT";

    // The broker is its own quorum, and its threads are the runtime's.
    private static readonly HashSet<string> Meaningless = new(StringComparer.Ordinal)
    {
        "controller.quorum.voters", "controller.quorum.bootstrap.servers", "controller.listener.names", "inter.broker.listener.name",
        "listener.security.protocol.map", "num.network.threads", "num.io.threads", "num.recovery.threads.per.data.dir",
        "num.replica.fetchers", "background.threads", "socket.receive.buffer.bytes",
        "share.coordinator.state.topic.replication.factor", "share.coordinator.state.topic.min.isr", "metadata.log.dir",
        "security.inter.broker.protocol", "log.flush.scheduler.interval.ms", "queued.max.requests",
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="CommandException">It cannot be read, or asks for something that this broker is not.</exception>
    public static async ValueTask<ServerProperties> ReadAsync(string path, CancellationToken cancellationToken) =>
        From(await PropertiesFile.ReadAsync(path, cancellationToken), path);

    /// <summary>Takes apart the properties of a file.</summary>
    /// <param name="properties">The properties.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="CommandException">They ask for something that this broker is not.</exception>
    public static ServerProperties From(IReadOnlyDictionary<string, string> properties, string path)
    {
        var config = new Dictionary<string, string>(StringComparer.Ordinal);
        var meaningless = new List<string>();
        string? host = null, directory = null;
        int? port = null;
        var controllers = Split(properties.GetValueOrDefault("controller.listener.names") ?? "");
        foreach (var (name, value) in properties)
        {
            switch (name)
            {
                case "listeners":
                    (host, port) = Listener(value, controllers, name, path);
                    break;
                case "advertised.listeners":
                    var (advertised, at) = Listener(value, controllers, name, path);
                    config[name] = $"{Plaintext}://{advertised}:{at}";
                    break;
                case "log.dirs" or "log.dir":
                    // As in Kafka, log.dirs comes before log.dir.
                    if (name == "log.dirs" || !properties.ContainsKey("log.dirs"))
                        directory = OneDirectory(value, name, path);
                    break;
                case "process.roles" when !Split(value).Contains("broker"):
                    throw Refuse(path, name, value, "it must name broker: a controller alone is not to be had here");
                case "listener.security.protocol.map" when Split(value).Any(IsOtherThanPlaintext):
                    throw Refuse(path, name, value, "listeners for clients must map to PLAINTEXT: TLS and SASL are not served yet");
                default:
                    if (Meaningless.Contains(name))
                        meaningless.Add(name);
                    else
                        config[name] = value;
                    break;
            }
        }

        // What Kafka's own file maps besides: its other listeners are not used.
        bool IsOtherThanPlaintext(string entry) =>
            entry.Split(':') is [var listener, var protocol]
            && protocol != Plaintext && listener != protocol && !controllers.Contains(listener);

        return new ServerProperties(host, port, directory, config, meaningless);
    }

    private static (string? Host, int Port) Listener(string value, string[] controllers, string name, string path)
    {
        (string? Host, int Port)? found = null;
        foreach (var entry in Split(value))
        {
            var scheme = entry.IndexOf("://", StringComparison.Ordinal);
            var colon = entry.LastIndexOf(':');
            if (scheme <= 0 || colon <= scheme || !int.TryParse(entry[(colon + 1)..], CultureInfo.InvariantCulture, out var port))
                throw Refuse(path, name, value, "expected NAME://HOST:PORT, several separated by commas");
            if (controllers.Contains(entry[..scheme]))
                continue;
            if (entry[..scheme] is "SSL" or "SASL_PLAINTEXT" or "SASL_SSL")
                throw Refuse(path, name, value, "TLS and SASL are not served yet: give a PLAINTEXT listener");
            if (found is not null)
                throw Refuse(path, name, value, "one listener for clients is served; --nodes gives each node its own");
            var host = entry[(scheme + 3)..colon].Trim('[', ']');
            found = (host.Length == 0 ? null : host, port);
        }

        return found ?? throw Refuse(path, name, value, "there is no listener for clients in it");
    }

    private static string OneDirectory(string value, string name, string path) => Split(value) is [var only]
        ? only
        : throw Refuse(path, name, value, "one directory is served");

    private static string[] Split(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static CommandException Refuse(string path, string name, string value, string why) =>
        new($"{path}: {name}={value}: {why}.", CaudalCommand.WrongUse);
}
