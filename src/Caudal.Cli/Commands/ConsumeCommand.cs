using System.CommandLine;
using Caudal.Cli.Cluster;
using Caudal.Cli.Output;
using Caudal.Cli.Records;

namespace Caudal.Cli.Commands;

/// <summary><c>caudal consume</c>: records become lines.</summary>
internal sealed class ConsumeCommand
{
    private readonly Argument<string[]> _topics =
        new Argument<string[]>("TOPIC") { Description = "The topics.", Arity = ArgumentArity.OneOrMore }.RefuseOptions();

    private readonly Option<string> _group = new("--group", "-g")
    {
        Description = "Read as a member of this group: from its committed offsets, and commit.",
        HelpName = "GROUP",
    };
    private readonly Option<string> _offset = new("--offset", "-o")
    {
        Description = "Where to start: beginning, end, N (an offset), -N (the last N records of each partition). Not with --group. " +
            "Default: beginning",
        HelpName = "OFFSET",
    };

    private readonly Option<int?> _partition = new("--partition", "-p")
    {
        Description = "Only this partition. Not with --group.",
        HelpName = "N",
    };
    private readonly Option<long?> _count = new("--count", "-n") { Description = "End after so many records.", HelpName = "N" };
    private readonly Option<bool> _exit = new("--exit", "-e") { Description = "End where the partitions ended when the command started." };
    private readonly Option<string> _format = new("--format", "-f")
    {
        Description = $"How to print a record: {FormatString.Syntax}. Default: %v\\n",
        HelpName = "FORMAT",
    };
    private readonly Option<bool> _json = new("--json") { Description = "Print a line of JSON for every record." };
    private readonly Terminal _terminal;
    private readonly ClusterOptions _cluster;

    private ConsumeCommand(Terminal terminal, ClusterOptions cluster)
    {
        _terminal = terminal;
        _cluster = cluster;
    }

    public static Command Create(Terminal terminal, ClusterOptions cluster)
    {
        var self = new ConsumeCommand(terminal, cluster);
        var command = new Command(
            "consume",
            "Prints the records of topics as they come, until Ctrl+C.\n\nExample: caudal consume orders -o -10 -e -f '%p@%o %k: %v\\n'")
        {
            self._topics, self._group, self._offset, self._partition, self._count, self._exit, self._format, self._json,
        };
        command.Check(result =>
        {
            if (result.GetResult(self._group) is not null
                    && (result.GetResult(self._offset) is not null || result.GetResult(self._partition) is not null))
                result.AddError(
                    "--group reads from committed offsets of partitions that the group hands out: --offset and --partition exclude it.");
            if (result.GetResult(self._format) is not null && result.GetValue(self._json))
                result.AddError("--format and --json exclude each other.");
            result.AtLeast(1, self._count);
            if (result.GetValue(self._offset) is { } offset && !StartOffset.TryParse(offset, out _))
                result.AddError($"--offset {offset}: expected beginning, end, N or -N.");
        });
        command.SetAction(self.RunAsync);
        return cluster.AddTo(command);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var json = new JsonRecordFormatter();
        IRecordFormatter text = parsed.GetValue(_format) is { } format ? FormatString.Parse(format) : FormatString.Value;
        var formatter = parsed.GetValue(_json) ? json : text;
        var group = parsed.GetValue(_group);
        await using var connection = await _cluster.ConnectAsync(parsed, cancellationToken);
        connection.Properties.SetDefault("auto.offset.reset", "earliest");
        await using var consumer = connection.CreateConsumer(
            connection.Properties.ToConsumerOptions() with
            {
                GroupId = group,
                EnableAutoCommit = group is not null,
                EnableAutoOffsetStore = false,
            });
        var partitions = await new Topics(connection.Client).PartitionsAsync(
            parsed.GetRequiredValue(_topics), parsed.GetValue(_partition), cancellationToken);
        var ends = parsed.GetValue(_exit) ? await consumer.EndOffsetsAsync(partitions, cancellationToken) : null;
        if (group is not null)
        {
            consumer.Subscribe(parsed.GetRequiredValue(_topics));
        }
        else
        {
            var start = parsed.GetValue(_offset) is { } offset ? StartOffset.Parse(offset) : StartOffset.Beginning;
            consumer.Assign(await start.ResolveAsync(consumer, partitions, cancellationToken));
        }

        var output = new RecordOutput(_terminal);
        var pump = new RecordPump(consumer, formatter, output)
        {
            MaxRecords = parsed.GetValue(_count) ?? long.MaxValue,
            Ends = ends,
            StoresOffsets = group is not null,
        };
        try
        {
            await pump.RunAsync(TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await output.FlushAsync();
        }

        return 0;
    }
}
