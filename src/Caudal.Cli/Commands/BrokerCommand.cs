using System.CommandLine;
using Caudal.Broker;
using Caudal.Cli.Cluster;
using Caudal.Cli.Control;
using Caudal.Storage;

namespace Caudal.Cli.Commands;

/// <summary><c>caudal broker</c>: the embedded broker as a process.</summary>
internal static class BrokerCommand
{
    private const string DefaultDirectory = "caudal-data";

    public static Command Create(Terminal terminal)
    {
        var port = new Option<int>("--port")
        {
            Description = "The port to listen on; 0 lets the system choose.",
            DefaultValueFactory = _ => 9092,
            HelpName = "N",
        };
        var host = new Option<string>("--host")
        {
            Description = "The address to listen on.",
            DefaultValueFactory = _ => "127.0.0.1",
            HelpName = "H",
        };
        var data = new Option<string>("--data")
        {
            Description = $"The directory of the data. Default: ./{DefaultDirectory}",
            HelpName = "DIR",
        };
        var memory = new Option<bool>("--memory") { Description = "Keep everything in memory; nothing is written to disk." };
        var durability = new Option<string>("--durability")
        {
            Description = "os: an acknowledged record is with the operating system (Kafka's default). interval: it is on the disk " +
                "soon after, see --flush-interval. group: it is on the disk; one fsync serves all that wait.",
            DefaultValueFactory = _ => "os",
        };
        durability.AcceptOnlyFromAmong("os", "interval", "group");
        var flushInterval = new Option<int>("--flush-interval")
        {
            Description = "With --durability interval, how long an acknowledged record may wait for the disk, in ms.",
            DefaultValueFactory = _ => 100,
            HelpName = "MS",
        };
        var config = new Option<string[]>("--config")
        {
            Description = "A broker setting by Kafka's name, e.g. num.partitions=4. May be repeated.",
            HelpName = "key=value",
        };
        var configFile = new Option<string>("--config-file")
        {
            Description = "A file of broker settings as Kafka's config/server.properties; options on the command line come before it.",
            HelpName = "FILE",
        };
        var nodes = new Option<int>("--nodes")
        {
            Description = "How many brokers to pose as, on this port and the ones after it; see 'caudal broker control'.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        var racks = new Option<string[]>("--racks")
        {
            Description = "The rack of each of the nodes, e.g. --racks a b c. Default: the setting broker.rack.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        var actAs = new Option<string>("--act-as")
        {
            Description = "Serve the versions of an older Kafka: 2.4, 2.8, 3.3, 3.9 or 4.3. Default: everything that is known",
            HelpName = "RELEASE",
        };
        actAs.AcceptOnlyFromAmong("2.4", "2.8", "3.3", "3.9", "4.3");
        var verbose = new Option<bool>("--verbose") { Description = "Log to standard error, what clients cause included." };
        var command = new Command(
            "broker",
            "Runs a Kafka broker in this process until Ctrl+C or SIGTERM.\n\n" +
            "Example: caudal broker --port 9092 --data ./data --config num.partitions=4")
        {
            port, host, data, memory, durability, flushInterval, config, configFile, nodes, racks, actAs, verbose,
            ControlCommand.Create(terminal),
        };
        command.Check(result =>
        {
            if (result.GetResult(data) is not null && result.GetValue(memory))
                result.AddError("--data and --memory exclude each other.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var logging = Logging.Create(parsed.GetValue(verbose));
            var file = parsed.GetValue(configFile) is { } path ? await ServerProperties.ReadAsync(path, cancellationToken) : null;
            if (file is { WithoutEffect: { Count: > 0 } ignored })
                await terminal.Error.WriteLineAsync($"caudal: without effect on this broker: {string.Join(", ", ignored)}");
            var settings = file?.Config ?? [];
            foreach (var (name, value) in ParseConfig(parsed.GetValue(config) ?? []))
                settings[name] = value;
            var options = new EmbeddedBrokerOptions
            {
                Host = Given(host) ? parsed.GetRequiredValue(host) : file?.Host ?? parsed.GetRequiredValue(host),
                Port = Given(port) ? parsed.GetValue(port) : file?.Port ?? parsed.GetValue(port),
                Nodes = parsed.GetValue(nodes),
                Racks = parsed.GetValue(racks) ?? [],
                ActAs = parsed.GetValue(actAs),
                Directory = parsed.GetValue(memory) ? null : parsed.GetValue(data) ?? file?.Directory ?? DefaultDirectory,
                Durability = (parsed.GetValue(memory), parsed.GetValue(durability)) switch
                {
                    (true, _) => Durability.Memory,
                    (_, "interval") => Durability.Interval,
                    (_, "group") => Durability.Group,
                    _ => Durability.Os,
                },
                FlushInterval = TimeSpan.FromMilliseconds(parsed.GetValue(flushInterval)),
                Config = settings,
                LoggerFactory = logging,
            };
            if (options.Validate() is { Count: > 0 } faults)
                throw new CommandException(string.Join(' ', faults), CaudalCommand.WrongUse);
            await using var broker = await EmbeddedBroker.StartAsync(options, cancellationToken);
            await using var control = ControlServer.Start(broker);
            await terminal.Out.WriteLineAsync($"listening on {broker.BootstrapServers}");
            await terminal.Out.FlushAsync(CancellationToken.None);
            await WaitAsync(cancellationToken);
            return 0;

            bool Given(Option option) => parsed.GetResult(option) is { Implicit: false };
        });
        return command;
    }

    /// <summary>Waits for Ctrl+C or SIGTERM.</summary>
    internal static async Task WaitAsync(CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(stopped.SetResult);
        await stopped.Task;
    }

    internal static Dictionary<string, string> ParseConfig(IEnumerable<string> settings)
    {
        var result = new Dictionary<string, string>();
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new CommandException(
                    $"--config {setting}: expected key=value, e.g. --config num.partitions=4.", CaudalCommand.WrongUse);
            result[setting[..equals].Trim()] = setting[(equals + 1)..].Trim();
        }

        return result;
    }
}
