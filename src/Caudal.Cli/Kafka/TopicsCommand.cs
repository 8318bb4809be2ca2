using System.CommandLine;
using System.CommandLine.Parsing;
using Caudal.Cli.Cluster;
using Caudal.Cli.Commands;
using Caudal.Client;
using Caudal.Protocol;
using static Caudal.Cli.Kafka.KafkaOptions;

namespace Caudal.Cli.Kafka;

/// <summary><c>caudal kafka-topics</c>: Kafka's tool by its own flags, with its own output.</summary>
/// <remarks>Kafka's tool prints errors of an action to standard output; so does this one, besides the line on standard error.</remarks>
internal sealed class TopicsCommand
{
    private const string CollisionWarning =
        "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it " +
        "is best to use either, but not both.";

    private const short DescribeTopicPartitions = 75;

    private readonly Option<string> _bootstrap = Bootstrap();
    private readonly Option<string> _config = Text("--command-config", "A file of client properties.", "FILE");
    private readonly Option<bool> _create = Flag("--create", "Create a topic.");
    private readonly Option<bool> _list = Flag("--list", "List topics.");
    private readonly Option<bool> _describe = Flag("--describe", "Describe topics.");
    private readonly Option<bool> _alter = Flag("--alter", "Raise the number of partitions.");
    private readonly Option<bool> _delete = Flag("--delete", "Delete topics.");
    private readonly Option<string> _topic = Text("--topic", "The topic; a regular expression unless it is to be created.", "TOPIC");
    private readonly Option<int?> _partitions = Int("--partitions", "How many partitions.", "N");
    private readonly Option<int?> _replicas = Int("--replication-factor", "How many replicas of each partition.", "N");
    private readonly Option<string[]> _configs = Texts("--config", "A setting of the new topic.", "name=value");
    private readonly Option<bool> _ifExists = Flag("--if-exists", "Do not mind a topic that does not exist.");
    private readonly Option<bool> _ifNotExists = Flag("--if-not-exists", "Do not mind a topic that exists.");
    private readonly Option<bool> _excludeInternal = Flag("--exclude-internal", "Leave the brokers' own topics out.");
    private readonly Option<bool> _overrides = Flag("--topics-with-overrides", "Describe only topics with settings of their own.");
    private readonly Option<bool> _underReplicated = Flag(
        "--under-replicated-partitions", "Describe only partitions with replicas that are behind.");
    private readonly Option<bool> _unavailable = Flag("--unavailable-partitions", "Describe only partitions without a leader.");
    private readonly Terminal _terminal;

    private TopicsCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var self = new TopicsCommand(terminal);
        var command = new Command(
            "kafka-topics",
            "Kafka's topics tool, with its own flags.\n\n" +
            "Example: caudal kafka-topics --bootstrap-server localhost:9092 --create --topic orders --partitions 4")
        {
            self._bootstrap, self._config, self._create, self._list, self._describe, self._alter, self._delete, self._topic,
            self._partitions, self._replicas,
            self._configs, self._ifExists, self._ifNotExists, self._excludeInternal, self._overrides, self._underReplicated,
            self._unavailable,
        };
        KafkaVersion.AddTo(command, terminal);
        command.Check(self.Validate);
        command.SetAction(self.RunAsync);
        return command;
    }

    private void Validate(CommandResult result)
    {
        var actions = new[] { _list, _describe, _create, _alter, _delete }.Where(result.GetValue).ToArray();
        if (actions.Length != 1)
        {
            result.AddError("Command must include exactly one action: --list, --describe, --create, --alter or --delete");
            return;
        }

        var action = actions[0];
        if (action != _list && action != _describe && result.GetResult(_topic) is null)
            result.AddError("Missing required argument \"[topic]\"");
        if (action == _alter && result.GetResult(_partitions) is null)
            result.AddError("Missing required argument \"[partitions]\"");
        Only(_partitions, _create, _alter);
        Only(_replicas, _create);
        Only(_configs, _create);
        Only(_ifNotExists, _create);
        Only(_ifExists, _alter, _delete, _describe);
        Only(_excludeInternal, _list, _describe);
        Only(_overrides, _describe);
        Only(_underReplicated, _describe);
        Only(_unavailable, _describe);

        void Only(Option option, params Option[] with)
        {
            if (result.GetResult(option) is { Implicit: false } && !with.Contains(action))
                result.AddError($"Option \"[{option.Name[2..]}]\" can't be used with option \"[{action.Name[2..]}]\"");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var properties = new ClientProperties();
        if (parsed.GetValue(_config) is { } file)
            await properties.LoadAsync(file, cancellationToken);
        await using var connection = await ClusterConnection.OpenAsync(
            parsed.GetRequiredValue(_bootstrap), properties, verbose: false, cancellationToken);
        var topics = new Topics(connection.Client);
        if (parsed.GetValue(_create))
            return await CreateAsync(topics, parsed, cancellationToken);
        var matching = await MatchAsync(topics, parsed, cancellationToken);
        if (parsed.GetValue(_list))
            return await ListAsync(matching);
        if (matching.Length == 0 && parsed.GetValue(_topic) is { } missing)
            return parsed.GetValue(_ifExists) ? 0 : await FailAsync($"Topic '{missing}' does not exist as expected");
        if (parsed.GetValue(_describe))
            return await DescribeAsync(topics, matching, parsed, cancellationToken);
        foreach (var topic in matching)
        {
            var error = parsed.GetValue(_alter)
                ? await topics.EnlargeAsync(topic.Name, parsed.GetValue(_partitions)!.Value, cancellationToken)
                : await topics.DeleteAsync(topic.Name, cancellationToken);
            if (error is not null)
                return await FailAsync(error.Words());
        }

        return 0;
    }

    private async ValueTask<TopicDescription[]> MatchAsync(Topics topics, ParseResult parsed, CancellationToken cancellationToken)
    {
        var all = await topics.ListAsync(cancellationToken);
        var pattern = parsed.GetValue(_topic) is { } text ? JavaPattern.Parse(text) : null;
        return
        [
            .. all.Where(
                topic => (pattern is null || pattern.IsMatch(topic.Name)) && !(topic.IsInternal && parsed.GetValue(_excludeInternal))),
        ];
    }

    private async ValueTask<int> CreateAsync(Topics topics, ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = parsed.GetRequiredValue(_topic)!;
        if (name.AsSpan().ContainsAny('.', '_'))
            await _terminal.Out.WriteLineAsync(CollisionWarning);
        if (parsed.GetValue(_partitions) < 1)
            return await FailAsync("The partitions must be greater than 0");
        if (parsed.GetValue(_replicas) is < 1 or > short.MaxValue)
            return await FailAsync($"The replication factor must be between 1 and {short.MaxValue} inclusive");
        var topic = new NewTopic(name)
        {
            Partitions = parsed.GetValue(_partitions) ?? -1,
            ReplicationFactor = (short?)parsed.GetValue(_replicas) ?? -1,
            Configs = TopicCommand.ParseConfigs(parsed.GetValue(_configs)),
        };
        var error = (await topics.CreateAsync(topic, cancellationToken)).Error;
        if (error.Is(ErrorCode.TopicAlreadyExists) && parsed.GetValue(_ifNotExists))
            return 0;
        if (error is not null)
            return await FailAsync(error.Words());
        await _terminal.Out.WriteLineAsync($"Created topic {name}.");
        return 0;
    }

    private async ValueTask<int> ListAsync(TopicDescription[] topics)
    {
        foreach (var topic in topics)
            await _terminal.Out.WriteLineAsync(topic.Name);
        return 0;
    }

    private async ValueTask<int> DescribeAsync(
        Topics topics, TopicDescription[] matching, ParseResult parsed, CancellationToken cancellationToken)
    {
        var onlyPartitions = parsed.GetValue(_underReplicated) || parsed.GetValue(_unavailable);
        // Kafka's tool asks with DescribeTopicPartitions (75) where there is such an API, which tells the replicas that may become leader
        // (KIP-966).
        // They are none while all replicas are in sync.
        var eligible = await topics.SupportsAsync(DescribeTopicPartitions, cancellationToken) ? "" : "N/A";
        var configs = onlyPartitions ? [] : await topics.ConfigsAsync(matching.Select(topic => topic.Name), cancellationToken);
        foreach (var topic in matching)
        {
            var settings = configs.GetValueOrDefault(topic.Name, []);
            if (!onlyPartitions && (settings.Length > 0 || !parsed.GetValue(_overrides)))
                await WriteTopicAsync(topic, settings);
            if (parsed.GetValue(_overrides))
                continue;
            foreach (var partition in topic.Partitions.Where(p => IsWanted(p, parsed)))
                await WritePartitionAsync(topic, partition, eligible);
        }

        return 0;
    }

    private bool IsWanted(PartitionDescription partition, ParseResult parsed) =>
        (!parsed.GetValue(_underReplicated) || partition.InSyncReplicas.Count < partition.Replicas.Count)
        && (!parsed.GetValue(_unavailable) || partition.LeaderId < 0);

    private Task WriteTopicAsync(TopicDescription topic, ConfigEntry[] settings)
    {
        var replicas = topic.Partitions.Select(p => p.Replicas.Count).FirstOrDefault();
        var configs = string.Join(',', settings.Select(c => $"{c.Name}={c.Value}"));
        var id = topic.Id == Uuid.Zero ? "" : $"\tTopicId: {topic.Id}";
        return _terminal.Out.WriteLineAsync(
            $"Topic: {topic.Name}{id}\tPartitionCount: {topic.Partitions.Count}\tReplicationFactor: {replicas}\tConfigs: {configs}");
    }

    private Task WritePartitionAsync(TopicDescription topic, PartitionDescription partition, string eligible)
    {
        var leader = partition.LeaderId < 0 ? "none" : $"{partition.LeaderId}";
        return _terminal.Out.WriteLineAsync(
            $"\tTopic: {topic.Name}\tPartition: {partition.Partition}\tLeader: {leader}\tReplicas: {string.Join(',', partition.Replicas)}" +
            $"\tIsr: {string.Join(',', partition.InSyncReplicas)}\tElr: {eligible}\tLastKnownElr: {eligible}");
    }

    private async ValueTask<int> FailAsync(string message)
    {
        await _terminal.Out.WriteLineAsync($"Error while executing topic command : {message}");
        throw new CommandException(message);
    }
}
