using System.CommandLine;
using System.Globalization;
using Caudal.Cli.Cluster;
using Caudal.Cli.Output;
using Caudal.Client;
using Caudal.Protocol;

namespace Caudal.Cli.Commands;

/// <summary><c>caudal topic</c>: creates, lists, describes and deletes topics.</summary>
internal static class TopicCommand
{
    public static Command Create(Terminal terminal, ClusterOptions cluster) => new("topic", "Creates, lists, describes and deletes topics.")
    {
        CreateCreate(terminal, cluster),
        CreateList(terminal, cluster),
        CreateDescribe(terminal, cluster),
        CreateDelete(terminal, cluster),
    };

    /// <summary>Reads settings of the form <c>key=value</c>.</summary>
    internal static Dictionary<string, string> ParseConfigs(string[]? pairs) =>
        (pairs ?? []).Select(pair => ClientProperties.SplitPair("--config", pair)).ToDictionary(pair => pair.Name, pair => pair.Value);

    private static Command CreateCreate(Terminal terminal, ClusterOptions cluster)
    {
        var names = Names("The topics to create.");
        var partitions = new Option<int?>("--partitions", "-p")
        {
            Description = "How many partitions. Default: the broker's",
            HelpName = "N",
        };
        var replicas = new Option<short?>("--replication-factor", "-r")
        {
            Description = "How many replicas of each partition. Default: the broker's",
            HelpName = "N",
        };
        var configs = new Option<string[]>("--config", "-c")
        {
            Description = "A setting of the topic by Kafka's name, e.g. retention.ms=3600000. May be repeated.",
            HelpName = "key=value",
        };
        var ifNotExists = new Option<bool>("--if-not-exists") { Description = "Leave topics alone that exist." };
        var json = Json();
        var command = new Command("create", "Creates topics.\n\nExample: caudal topic create orders payments -p 4 -c retention.ms=3600000")
        {
            names, partitions, replicas, configs, ifNotExists, json,
        };
        command.Check(result => result.AtLeast(1, partitions, replicas));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = ParseConfigs(parsed.GetValue(configs));
            await using var connection = await cluster.ConnectAsync(parsed, cancellationToken);
            return await ChangeAsync(terminal, parsed.GetRequiredValue(names), parsed.GetValue(json), async name =>
            {
                var topic = new NewTopic(name)
                {
                    Partitions = parsed.GetValue(partitions) ?? -1,
                    ReplicationFactor = parsed.GetValue(replicas) ?? -1,
                    Configs = settings,
                };
                var created = await new Topics(connection.Client).CreateAsync(topic, cancellationToken);
                if (created.Error.Is(ErrorCode.TopicAlreadyExists) && parsed.GetValue(ifNotExists))
                    return new TopicJson { Name = name, Outcome = "exists" };
                return new TopicJson
                {
                    Name = name,
                    Outcome = "created",
                    Partitions = created.GetOrThrow().Partitions is > 0 and var count ? count : null,
                };
            });
        });
        return cluster.AddTo(command);
    }

    private static Command CreateDelete(Terminal terminal, ClusterOptions cluster)
    {
        var names = Names("The topics to delete.");
        var ifExists = new Option<bool>("--if-exists") { Description = "Do not mind topics that do not exist." };
        var json = Json();
        var command = new Command(
            "delete", "Deletes topics with all their records.\n\nExample: caudal topic delete orders " +
                "--if-exists") { names, ifExists, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = await cluster.ConnectAsync(parsed, cancellationToken);
            return await ChangeAsync(terminal, parsed.GetRequiredValue(names), parsed.GetValue(json), async name =>
            {
                var error = await new Topics(connection.Client).DeleteAsync(name, cancellationToken);
                if (error.Is(ErrorCode.UnknownTopicOrPartition) && parsed.GetValue(ifExists))
                    return new TopicJson { Name = name, Outcome = "missing" };
                if (error.Is(ErrorCode.UnknownTopicOrPartition))
                    throw new CommandException($"the topic '{name}' does not exist. 'caudal topic list' shows those that do.");
                return error is null ? new TopicJson { Name = name, Outcome = "deleted" } : throw error;
            });
        });
        return cluster.AddTo(command);
    }

    private static Command CreateList(Terminal terminal, ClusterOptions cluster)
    {
        var withInternal = new Option<bool>("--internal") { Description = "List the brokers' own topics too." };
        var json = Json();
        var command = new Command(
            "list", "Lists topics, one a line; with --json their partitions and replicas too.\n\nExample: caudal topic list " +
                "--json") { withInternal, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = await cluster.ConnectAsync(parsed, cancellationToken);
            var topics = await new Topics(connection.Client).ListAsync(cancellationToken);
            TopicJson[] shown = [.. topics.Where(topic => !topic.IsInternal || parsed.GetValue(withInternal)).Select(Summary)];
            if (parsed.GetValue(json))
            {
                await CliJson.WriteLineAsync(terminal.Out, shown, CliJson.Default.TopicJsonArray);
                return 0;
            }

            foreach (var topic in shown)
                await terminal.Out.WriteLineAsync(topic.Name);
            return 0;
        });
        return cluster.AddTo(command);
    }

    private static Command CreateDescribe(Terminal terminal, ClusterOptions cluster)
    {
        var names = Names("The topics to describe.");
        var json = Json();
        var command = new Command(
            "describe", "Shows the settings and partitions of topics.\n\nExample: caudal topic describe orders") { names, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = await cluster.ConnectAsync(parsed, cancellationToken);
            var topics = await DescribeAsync(connection, parsed.GetRequiredValue(names), cancellationToken);
            if (parsed.GetValue(json))
            {
                await CliJson.WriteLineAsync(terminal.Out, topics, CliJson.Default.TopicJsonArray);
                return 0;
            }

            foreach (var topic in topics)
                await WriteAsync(terminal.Out, topic);
            return 0;
        });
        return cluster.AddTo(command);
    }

    private static async ValueTask<TopicJson[]> DescribeAsync(
        ClusterConnection connection, string[] names, CancellationToken cancellationToken)
    {
        var topics = new Topics(connection.Client);
        var described = await topics.DescribeAsync(names, cancellationToken);
        var configs = await topics.ConfigsAsync(described.Select(topic => topic.Name), cancellationToken);
        await using var consumer = connection.CreateConsumer(new ConsumerOptions { EnableAutoCommit = false });
        var partitions = described.SelectMany(
            topic => topic.Partitions.Where(p => p.LeaderId >= 0).Select(p => new TopicPartition(topic.Name, p.Partition))).ToArray();
        var first = await consumer.BeginningOffsetsAsync(partitions, cancellationToken);
        var end = await consumer.EndOffsetsAsync(partitions, cancellationToken);
        return
        [
            .. described.Select(topic => Summary(topic) with
            {
                TopicId = topic.Id == Uuid.Zero ? null : topic.Id.ToString(),
                Configs = new SortedDictionary<string, string?>(
                    configs.GetValueOrDefault(topic.Name, []).ToDictionary(c => c.Name, c => c.Value), StringComparer.Ordinal),
                PartitionDetails =
                [
                    .. topic.Partitions.Select(p => new PartitionJson(
                        p.Partition, p.LeaderId, [.. p.Replicas], [.. p.InSyncReplicas], Offset(
                            first, topic.Name, p.Partition), Offset(end, topic.Name, p.Partition))),
                ],
            }),
        ];

        static long? Offset(IReadOnlyDictionary<TopicPartition, long> offsets, string topic, int partition) =>
            offsets.TryGetValue(new TopicPartition(topic, partition), out var offset) ? offset : null;
    }

    private static async ValueTask WriteAsync(TextWriter output, TopicJson topic)
    {
        await output.WriteLineAsync($"{topic.Name}{(topic.TopicId is null ? "" : $", id {topic.TopicId}")}");
        foreach (var (name, value) in topic.Configs!)
            await output.WriteLineAsync($"  {name}={value}");
        var table = new TextTable("PARTITION", "LEADER", "REPLICAS", "ISR", "START-OFFSET", "END-OFFSET");
        foreach (var p in topic.PartitionDetails!)
            table.Add(
                Text(p.Partition), Text(p.Leader), string.Join(',', p.Replicas), string.Join(',', p.Isr), Text(p.StartOffset),
                Text(p.EndOffset));
        await table.WriteAsync(output);
    }

    private static async Task<int> ChangeAsync(Terminal terminal, string[] names, bool json, Func<string, ValueTask<TopicJson>> change)
    {
        foreach (var name in names.Distinct())
        {
            var done = await change(name);
            if (json)
                await CliJson.WriteLineAsync(terminal.Out, done, CliJson.Default.TopicJson);
            else
                await terminal.Out.WriteLineAsync(
                    $"{done.Outcome} {name}{(done.Partitions is { } count ? $" ({count} partition{(count == 1 ? "" : "s")})" : "")}");
        }

        return 0;
    }

    private static TopicJson Summary(TopicDescription topic) => new()
    {
        Name = topic.Name,
        Partitions = topic.Partitions.Count,
        ReplicationFactor = topic.Partitions.Select(p => p.Replicas.Count).FirstOrDefault(),
        Internal = topic.IsInternal,
    };

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static Argument<string[]> Names(string description) =>
        new Argument<string[]>("TOPIC") { Description = description, Arity = ArgumentArity.OneOrMore }.RefuseOptions();

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };
}
