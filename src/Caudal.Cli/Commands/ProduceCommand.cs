using System.CommandLine;
using System.Globalization;
using System.Text;
using Caudal.Cli.Cluster;
using Caudal.Cli.Input;
using Caudal.Client;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Commands;

/// <summary><c>caudal produce</c>: lines become records.</summary>
internal sealed class ProduceCommand
{
    // A line that cannot be delivered should show while its author still looks at it.
    private const string MaxBlock = "10000";
    private const string DeliveryTimeout = "40000";

    private readonly Argument<string> _topic =
        new Argument<string>("TOPIC") { Description = "The topic; a broker that creates topics on demand creates it." }.RefuseOptions();

    private readonly Option<string> _key = new("--key", "-k") { Description = "The key of every record.", HelpName = "KEY" };
    private readonly Option<string> _separator = new("--key-separator")
    {
        Description = "What separates the key from the value within a line.",
        HelpName = "TEXT",
    };
    private readonly Option<string[]> _headers = new("--header", "-H")
    {
        Description = "A header of every record. May be repeated.",
        HelpName = "name=value",
    };
    private readonly Option<string> _compression = new("--compression", "-z")
    {
        Description = "The codec of batches: none, gzip, snappy, lz4 or zstd. Default: none",
        HelpName = "CODEC",
    };
    private readonly Option<string> _acks = new("--acks")
    {
        Description = "When the broker acknowledges: 0, 1 or all. Default: all",
        HelpName = "ACKS",
    };
    private readonly Option<string> _file = new("--file") { Description = "Read this file instead of standard input.", HelpName = "FILE" };
    private readonly Option<int?> _partition = new("--partition", "-p")
    {
        Description = "The partition of every record; otherwise its key decides.",
        HelpName = "N",
    };
    private readonly Option<bool> _json = new("--json") { Description = "Print a line of JSON for every record that was written." };
    private readonly ClusterOptions _cluster;
    private readonly Terminal _terminal;

    private ProduceCommand(Terminal terminal, ClusterOptions cluster)
    {
        _terminal = terminal;
        _cluster = cluster;
        _compression.AcceptCodecs();
        _acks.AcceptOnlyFromAmong("0", "1", "all");
    }

    public static Command Create(Terminal terminal, ClusterOptions cluster)
    {
        var self = new ProduceCommand(terminal, cluster);
        var command = new Command(
            "produce",
            "Publishes the lines of standard input, one record each.\n\n" +
            "Example: echo 'ana|hello' | caudal produce greetings --key-separator '|'")
        {
            self._topic, self._key, self._separator, self._headers, self._compression, self._acks, self._file, self._partition, self._json,
        };
        command.Check(result =>
        {
            if (result.GetResult(self._key) is not null && result.GetResult(self._separator) is not null)
                result.AddError("--key and --key-separator exclude each other.");
            result.AtLeast(0, self._partition);
            if (result.GetValue(self._separator) is "")
                result.AddError("--key-separator may not be empty.");
        });
        command.SetAction(self.RunAsync);
        return cluster.AddTo(command);
    }

    /// <summary>Reads a header of the form <c>name=value</c>.</summary>
    internal static RecordHeader ParseHeader(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0
            ? new RecordHeader(text[..at], Encoding.UTF8.GetBytes(text[(at + 1)..]))
            : throw new CommandException($"--header {text}: expected name=value, e.g. -H version=1.0.", CaudalCommand.WrongUse);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var topic = parsed.GetRequiredValue(_topic);
        RecordHeader[] headers = [.. (parsed.GetValue(_headers) ?? []).Select(ParseHeader)];
        var format = new LineFormat();
        if (parsed.GetValue(_separator) is { } separator)
        {
            format.Set("parse.key", "true");
            format.Set("key.separator", separator);
        }

        await using var source = parsed.GetValue(_file) is { } file ? OpenFile(file) : null;
        await using var connection = await _cluster.ConnectAsync(parsed, cancellationToken);
        var deliveries = new Deliveries(parsed.GetValue(_json) ? _terminal.Out : null);
        await using var producer = connection.CreateProducer(Options(parsed, connection.Properties));
        var progress = new Progress(_terminal, TimeProvider.System, "records");
        var publisher = new RecordPublisher(producer, deliveries, topic)
        {
            Format = format,
            Key = parsed.GetValue(_key) is { } key ? Encoding.UTF8.GetBytes(key).AsMemory() : default(ReadOnlyMemory<byte>?),
            Headers = headers,
            Partition = parsed.GetValue(_partition),
            BeforeWaiting = progress.ShowAsync,
        };
        await publisher.RunAsync(new LineReader(source ?? _terminal.InBytes), cancellationToken);
        await progress.ClearAsync();
        await deliveries.CompleteAsync();
        var what = deliveries.Succeeded == 1 ? "record" : "records";
        if (!parsed.GetValue(_json))
            await _terminal.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{deliveries.Succeeded} {what} to {topic}"));
        return 0;
    }

    private ProducerOptions Options(ParseResult parsed, ClientProperties properties)
    {
        properties.SetDefault("max.block.ms", MaxBlock);
        properties.SetDefault("delivery.timeout.ms", DeliveryTimeout);
        if (parsed.GetValue(_acks) is { } acks)
            properties.Set("acks", acks);
        if (parsed.GetValue(_compression) is { } codec)
            properties.Set("compression.type", codec);
        return properties.ToProducerOptions();
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot read {path}: {e.Message}", CaudalCommand.WrongUse);
        }
    }
}
