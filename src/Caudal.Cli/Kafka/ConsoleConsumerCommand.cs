using System.CommandLine;
using System.Globalization;
using Caudal.Cli.Cluster;
using Caudal.Cli.Output;
using Caudal.Cli.Records;
using Caudal.Client;
using static Caudal.Cli.Kafka.KafkaOptions;

namespace Caudal.Cli.Kafka;

/// <summary><c>caudal kafka-console-consumer</c>: Kafka's tool by its own flags.</summary>
/// <remarks>
/// Without <c>--group</c> it reads all partitions itself instead of joining a group of a made-up name: the output is the same, and comes
/// sooner.
/// </remarks>
internal sealed class ConsoleConsumerCommand
{
    private const string FormatterClass = "org.apache.kafka.tools.consumer.DefaultMessageFormatter";

    private readonly Option<string> _bootstrap = Bootstrap();
    private readonly Option<string> _topic = Text("--topic", "The topic.", "TOPIC");
    private readonly Option<string> _include = Text("--include", "A regular expression; all topics that match are read.", "REGEX");
    private readonly Option<string> _group = Text("--group", "The group to be a member of.", "GROUP");
    private readonly Option<int?> _partition = Int("--partition", "Only this partition, from --offset on.", "N");
    private readonly Option<string> _offset = Text("--offset", "An offset, earliest or latest. Default: latest", "OFFSET");
    private readonly Option<bool> _fromBeginning = Flag(
        "--from-beginning", "Start at the first record unless the group has a committed offset.");
    private readonly Option<int?> _max = Int("--max-messages", "End after so many records.", "N");
    private readonly Option<long?> _timeout = Long("--timeout-ms", "End if no record comes for so long.", "MS");
    private readonly Option<bool> _skip = Flag("--skip-message-on-error", "Leave out records that cannot be shown.");
    private readonly Option<string> _isolation = Text(
        "--isolation-level", "read_uncommitted or read_committed. Default: read_uncommitted", "LEVEL");
    private readonly Option<string> _config = new("--command-config", "--consumer.config")
    {
        Description = "A file of consumer properties.",
        HelpName = "FILE",
    };
    private readonly Option<string[]> _properties = new("--command-property", "--consumer-property")
    {
        Description = "A consumer property.",
        HelpName = "name=value",
    };
    private readonly Option<string> _formatter = Text("--formatter", $"The class that shows records; only {FormatterClass}.", "CLASS");
    private readonly Option<string> _formatterConfig = Text("--formatter-config", "A file of properties of the formatter.", "FILE");
    private readonly Option<string[]> _formatterProperties = new("--formatter-property", "--property")
    {
        Description = "A property of the formatter: print.timestamp, print.partition, print.offset, print.epoch, print.headers, " +
            "print.key, print.value, key.separator, " +
            "line.separator, headers.separator, null.literal, key.deserializer, value.deserializer, headers.deserializer.",
        HelpName = "name=value",
    };

    private readonly Option<string> _keys = Text("--key-deserializer", "The deserializer of keys.", "CLASS");
    private readonly Option<string> _values = Text("--value-deserializer", "The deserializer of values.", "CLASS");
    private readonly Terminal _terminal;

    private ConsoleConsumerCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var self = new ConsoleConsumerCommand(terminal);
        var command = new Command(
            "kafka-console-consumer",
            "Kafka's console consumer, with its own flags.\n\n" +
            "Example: caudal kafka-console-consumer --bootstrap-server localhost:9092 --topic greetings --from-beginning")
        {
            self._bootstrap, self._topic, self._include, self._group, self._partition, self._offset, self._fromBeginning, self._max,
            self._timeout, self._skip,
            self._isolation, self._config, self._properties, self._formatter, self._formatterConfig, self._formatterProperties, self._keys,
            self._values,
        };
        KafkaVersion.AddTo(command, terminal);
        command.Check(self.Validate);
        command.SetAction(self.RunAsync);
        return command;
    }

    private void Validate(System.CommandLine.Parsing.CommandResult result)
    {
        var offset = result.GetValue(_offset);
        if (result.GetResult(_topic) is null == result.GetResult(_include) is null)
            result.AddError("Exactly one of the following arguments is required: [topic], [include]");
        else if (result.GetResult(_partition) is not null && result.GetResult(_topic) is null)
            result.AddError("The topic is required when partition is specified.");
        else if (offset is not null && result.GetResult(_partition) is null)
            result.AddError("The partition is required when offset is specified.");
        else if (offset is not null && result.GetValue(_fromBeginning))
            result.AddError("Options from-beginning and offset cannot be specified together.");
        else if (offset is not null && ParseOffset(offset) is null)
            result.AddError(
                $"The provided offset value '{offset}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.");
        else if (result.GetResult(_group) is not null && result.GetResult(_partition) is not null)
            result.AddError("Options group and partition cannot be specified together.");
        else if (result.GetValue(_formatter) is { } formatter && formatter != FormatterClass)
            result.AddError($"--formatter {formatter} is not supported: classes of Java cannot be loaded here.");
    }

    private static StartOffset? ParseOffset(string text) => text switch
    {
        "earliest" => StartOffset.Beginning,
        "latest" => StartOffset.End,
        _ => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? StartOffset.At(offset) : null,
    };

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var formatter = await ReadFormatterAsync(parsed, cancellationToken);
        var properties = await ReadPropertiesAsync(parsed, cancellationToken);
        await using var connection = await ClusterConnection.OpenAsync(
            parsed.GetRequiredValue(_bootstrap), properties, verbose: false, cancellationToken);
        if (parsed.GetValue(_fromBeginning))
            properties.SetDefault("auto.offset.reset", "earliest");
        await using var consumer = connection.CreateConsumer(properties.ToConsumerOptions() with { EnableAutoOffsetStore = false });
        await StartAsync(parsed, connection, consumer, cancellationToken);
        var output = new RecordOutput(_terminal);
        var pump = new RecordPump(consumer, formatter, output)
        {
            MaxRecords = parsed.GetValue(_max) is > 0 and var max ? max : long.MaxValue,
            IdleTimeout = parsed.GetValue(_timeout) is >= 0 and var timeout ? TimeSpan.FromMilliseconds(timeout) : null,
            SkipsErrors = parsed.GetValue(_skip),
            StoresOffsets = consumer.Options is { GroupId: not null, EnableAutoCommit: true },
        };
        try
        {
            await pump.RunAsync(TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await output.FlushAsync();
        }

        await _terminal.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Processed a total of {pump.Count} messages"));
        return 0;
    }

    private async ValueTask StartAsync(
        ParseResult parsed, ClusterConnection connection, Consumer<Ignore, Ignore> consumer, CancellationToken cancellationToken)
    {
        var topics = parsed.GetValue(_topic) is { } topic
            ? [topic]
            : await MatchAsync(connection.Client, parsed.GetRequiredValue(_include)!, cancellationToken);
        if (consumer.Options.GroupId is not null)
        {
            consumer.Subscribe(topics);
            return;
        }

        var start = parsed.GetValue(_fromBeginning) ? StartOffset.Beginning : StartOffset.End;
        if (parsed.GetValue(_offset) is { } offset)
            start = ParseOffset(offset) ?? start;
        var partitions = await new Topics(connection.Client).PartitionsAsync(topics, parsed.GetValue(_partition), cancellationToken);
        consumer.Assign(await start.ResolveAsync(consumer, partitions, cancellationToken));
    }

    private static async ValueTask<string[]> MatchAsync(KafkaClient client, string pattern, CancellationToken cancellationToken)
    {
        var expression = JavaPattern.Parse(pattern);
        string[] topics =
        [
            .. (await new Topics(client).ListAsync(cancellationToken)).Select(topic => topic.Name).Where(name => expression.IsMatch(name)),
        ];
        return topics.Length > 0 ? topics : throw new CommandException($"no topic matches '{pattern}'.");
    }

    private async ValueTask<KafkaRecordFormatter> ReadFormatterAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await Deprecation.WarnAsync(parsed, _terminal, "Option ", ("--property", "--formatter-property"));
        var formatter = new KafkaRecordFormatter();
        if (parsed.GetValue(_formatterConfig) is { } file)
        {
            foreach (var (name, value) in await PropertiesFile.ReadAsync(file, cancellationToken))
                formatter.Set(name, value);
        }

        foreach (var pair in parsed.GetValue(_formatterProperties) ?? [])
        {
            var (name, value) = ClientProperties.SplitPair("--formatter-property", pair);
            formatter.Set(name, value);
        }

        if (parsed.GetValue(_keys) is { } keys)
            formatter.Set("key.deserializer", keys);
        if (parsed.GetValue(_values) is { } values)
            formatter.Set("value.deserializer", values);
        return formatter;
    }

    private async ValueTask<ClientProperties> ReadPropertiesAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await Deprecation.WarnAsync(
            parsed, _terminal, "Option ", ("--consumer-property", "--command-property"), ("--consumer.config", "--command-config"));
        var properties = new ClientProperties();
        properties.Set("client.id", "console-consumer");
        if (parsed.GetValue(_isolation) is { } isolation)
            properties.Set("isolation.level", isolation);
        if (parsed.GetValue(_config) is { } file)
            await properties.LoadAsync(file, cancellationToken);
        foreach (var pair in parsed.GetValue(_properties) ?? [])
            properties.SetPair("--command-property", pair);
        if (parsed.GetValue(_group) is { } group)
            properties.Set("group.id", group);
        return properties;
    }
}
