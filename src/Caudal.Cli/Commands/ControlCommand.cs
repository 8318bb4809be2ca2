using System.CommandLine;
using System.Globalization;
using Caudal.Cli.Control;
using Caudal.Cli.Output;

namespace Caudal.Cli.Commands;

/// <summary><c>caudal broker control</c>: stops, starts and pauses the nodes of a broker that runs in another terminal.</summary>
internal static class ControlCommand
{
    public static Command Create(Terminal terminal)
    {
        var port = new Option<int>("--port")
        {
            Description = "The broker's port; of several nodes the first one's.",
            DefaultValueFactory = _ => 9092,
            HelpName = "N",
        };
        var command = new Command(
            "control",
            "Controls the nodes of a 'caudal broker' of this user that runs in another terminal: its partitions get other leaders, " +
            "its clients other brokers.\n\n" +
            "Example: caudal broker control stop-node 2")
        {
            CreateStatus(terminal, port),
            CreateNode(terminal, port, "stop-node", "Stops a node: its partitions move to live replicas.", "stopped"),
            CreateNode(terminal, port, "start-node", "Starts a node again, at its old address.", "started"),
            CreateNode(terminal, port, "pause-node", "Makes a node hang: it answers nothing.", "paused"),
            CreateNode(terminal, port, "resume-node", "Lets a paused node go on.", "resumed"),
            CreateMove(terminal, port),
        };
        return command;
    }

    private static Command CreateStatus(Terminal terminal, Option<int> port)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("status", "Lists the nodes.\n\nExample: caudal broker control status") { port, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lines = await ControlClient.SendAsync(parsed.GetValue(port), ["status"], cancellationToken);
            var nodes = lines.Select(line => line.Split('\t')).ToArray();
            if (parsed.GetValue(json))
            {
                var shown = nodes.Select(n => new NodeJson(Number(n[0]), n[1], n[2].ToLowerInvariant(), Number(n[3]))).ToArray();
                await CliJson.WriteLineAsync(terminal.Out, shown, CliJson.Default.NodeJsonArray);
                return 0;
            }

            var table = new TextTable("NODE", "ADDRESS", "STATE", "LEADS");
            foreach (var node in nodes)
                table.Add(node[0], node[1], node[2].ToLowerInvariant(), node[3]);
            await table.WriteAsync(terminal.Out);
            return 0;
        });
        return command;

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    private static Command CreateNode(Terminal terminal, Option<int> port, string name, string description, string done)
    {
        var node = new Argument<int>("node") { Description = "The node's id." };
        var command = new Command(name, $"{description}\n\nExample: caudal broker control {name} 2") { node, port };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var id = parsed.GetValue(node).ToString(CultureInfo.InvariantCulture);
            await ControlClient.SendAsync(parsed.GetValue(port), [name, id], cancellationToken);
            await terminal.Out.WriteLineAsync($"node {id} {done}");
            return 0;
        });
        return command;
    }

    private static Command CreateMove(Terminal terminal, Option<int> port)
    {
        var topic = new Argument<string>("topic") { Description = "The topic's name." };
        var partition = new Argument<int>("partition") { Description = "The partition's number." };
        var node = new Argument<int>("node") { Description = "The id of one of its replicas." };
        var command = new Command(
            "move-leader", "Makes a node the leader of a partition.\n\nExample: caudal broker control move-leader orders 0 2")
        {
            topic, partition, node, port,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string[] words =
            [
                parsed.GetRequiredValue(topic),
                parsed.GetValue(partition).ToString(CultureInfo.InvariantCulture),
                parsed.GetValue(node).ToString(CultureInfo.InvariantCulture),
            ];
            await ControlClient.SendAsync(parsed.GetValue(port), ["move-leader", .. words], cancellationToken);
            await terminal.Out.WriteLineAsync($"node {words[2]} leads {words[0]}-{words[1]}");
            return 0;
        });
        return command;
    }
}
