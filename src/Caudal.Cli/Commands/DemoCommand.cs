using System.CommandLine;
using Caudal.Broker;
using Caudal.Storage;
using Orders;
using Orders.Load;

namespace Caudal.Cli.Commands;

/// <summary><c>caudal demo orders</c>: the order pipeline with everything it needs in one process.</summary>
internal static class DemoCommand
{
    private const string DefaultDirectory = "caudal-data/orders";

    public static Command Create(Terminal terminal) => new("demo", "Runs a demonstration.") { CreateOrders(terminal) };

    private static Command CreateOrders(Terminal terminal)
    {
        var http = new Option<int>("--http")
        {
            Description = "The port of the HTTP front.",
            DefaultValueFactory = _ => 8080,
            HelpName = "PORT",
        };
        var port = new Option<int>("--port")
        {
            Description = "The port of the embedded broker.",
            DefaultValueFactory = _ => 9092,
            HelpName = "N",
        };
        var data = new Option<string>("--data")
        {
            Description = "The directory of the embedded broker's data.",
            DefaultValueFactory = _ => DefaultDirectory,
            HelpName = "DIR",
        };
        var bootstrap = new Option<string>("--bootstrap", "--bootstrap-server", "-b")
        {
            Description = "Use this Kafka cluster instead of the embedded broker.",
            HelpName = "HOST:PORT",
        };
        var load = new Option<int>("--load") { Description = "Post so many made-up orders a second over HTTP.", HelpName = "N" };
        var verbose = new Option<bool>("--verbose") { Description = "Log to standard error." };
        var command = new Command(
            "orders",
            "Orders come in over HTTP and are validated, paid, reserved and notified, each stage a consumer group.\n\n"
            + "Example: caudal demo orders --load 100")
        {
            http, port, data, bootstrap, load, verbose,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(load) is not null && result.GetValue(load) < 1)
                result.AddError("--load: at least 1 order a second.");
            if (result.GetResult(bootstrap) is not null
                && (result.GetResult(data) is { Implicit: false } || result.GetResult(port) is { Implicit: false }))
            {
                result.AddError("--bootstrap uses another cluster: --port and --data are for the embedded broker.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var logging = Logging.Create(parsed.GetValue(verbose));
            await using var broker = parsed.GetValue(bootstrap) is null
                ? await StartBrokerAsync(terminal, parsed.GetValue(port), parsed.GetRequiredValue(data), logging, cancellationToken)
                : null;
            var options = new OrdersOptions
            {
                BootstrapServers = broker?.BootstrapServers ?? parsed.GetRequiredValue(bootstrap)!,
                HttpPort = parsed.GetValue(http),
                LoggerFactory = logging,
            };
            await using var orders = await OrdersApplication.StartAsync(options, cancellationToken);
            var address = orders.Address.ToString().TrimEnd('/');
            await terminal.Out.WriteLineAsync($"listening on {address}");
            await terminal.Out.WriteLineAsync(
                $"try: curl -i {address}/orders -H 'Content-Type: application/json' -d "
                + """'{"customer":"ana","product":"phone","amount":599.90,"quantity":1}'""");
            await terminal.Out.FlushAsync(CancellationToken.None);
            var generator = parsed.GetValue(load) > 0
                ? new LoadGenerator(orders.Address, parsed.GetValue(load), TimeProvider.System)
                : null;
            var work = generator?.RunAsync(cancellationToken) ?? Task.CompletedTask;
            await OrdersView.ShowAsync(terminal, orders, cancellationToken);
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await terminal.Out.WriteLineAsync("stopping");
            return 0;
        });
        return command;
    }

    private static async Task<EmbeddedBroker> StartBrokerAsync(
        Terminal terminal,
        int port,
        string directory,
        Microsoft.Extensions.Logging.ILoggerFactory logging,
        CancellationToken cancellationToken)
    {
        var broker = await EmbeddedBroker.StartAsync(
            new EmbeddedBrokerOptions { Port = port, Directory = directory, Durability = Durability.Os, LoggerFactory = logging },
            cancellationToken);
        await terminal.Out.WriteLineAsync($"broker on {broker.BootstrapServers}, data in {Path.GetFullPath(directory)}");
        return broker;
    }
}
