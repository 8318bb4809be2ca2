using System.CommandLine;
using System.Globalization;
using Caudal.Cli.Cluster;
using Caudal.Cli.Input;
using static Caudal.Cli.Kafka.KafkaOptions;

namespace Caudal.Cli.Kafka;

/// <summary><c>caudal kafka-console-producer</c>: Kafka's tool by its own flags.</summary>
internal sealed class ConsoleProducerCommand
{
    private const string LineReaderClass = "org.apache.kafka.tools.LineMessageReader";

    private readonly Option<string> _bootstrap = Bootstrap();
    private readonly Option<string> _topic = new("--topic") { Description = "The topic. Required.", HelpName = "TOPIC", Required = true };
    private readonly Option<string> _config = new("--command-config", "--producer.config")
    {
        Description = "A file of producer properties.",
        HelpName = "FILE",
    };
    private readonly Option<string[]> _properties = new("--command-property", "--producer-property")
    {
        Description = "A producer property.",
        HelpName = "name=value",
    };
    private readonly Option<string> _readerConfig = Text("--reader-config", "A file of properties of the line reader.", "FILE");
    private readonly Option<string[]> _reader = new("--reader-property", "--property")
    {
        Description = "A property of the line reader: parse.key, parse.headers, ignore.error, key.separator, headers.delimiter, " +
            "headers.separator, headers.key.separator, null.marker.",
        HelpName = "name=value",
    };

    private readonly Option<string> _lineReader = Text("--line-reader", $"The class that reads lines; only {LineReaderClass}.", "CLASS");
    private readonly Option<string> _codec = new("--compression-codec")
    {
        Description = "none, gzip, snappy, lz4 or zstd; gzip without a value.",
        HelpName = "CODEC",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string> _acks = Text("--request-required-acks", "0, 1, all or -1. Default: -1", "ACKS");
    private readonly Option<int?> _batch = Int("--batch-size", "The size of a batch in bytes.", "BYTES");
    private readonly Option<int?> _partitionMemory = Int("--max-partition-memory-bytes", "The size of a batch in bytes.", "BYTES");
    private readonly Option<long?> _memory = Long("--max-memory-bytes", "The most bytes that wait to be sent.", "BYTES");
    private readonly Option<long?> _maxBlock = Long("--max-block-ms", "How long sending a record may wait.", "MS");
    private readonly Option<long?> _linger = Long("--timeout", "How long a batch waits for more records.", "MS");
    private readonly Option<int?> _requestTimeout = Int("--request-timeout-ms", "How long a request may take.", "MS");
    private readonly Option<long?> _backoff = Long("--retry-backoff-ms", "The wait before a request is repeated.", "MS");
    private readonly Option<long?> _metadataAge = Long("--metadata-expiry-ms", "How often metadata is refreshed.", "MS");
    private readonly Option<bool> _sync = Flag("--sync", "Wait for each record before the next one is read.");
    private readonly Terminal _terminal;

    private ConsoleProducerCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var self = new ConsoleProducerCommand(terminal);
        var command = new Command(
            "kafka-console-producer",
            "Kafka's console producer, with its own flags.\n\n" +
            "Example: echo hello | caudal kafka-console-producer --bootstrap-server localhost:9092 --topic greetings")
        {
            self._bootstrap, self._topic, self._config, self._properties, self._readerConfig, self._reader, self._lineReader, self._codec,
            self._acks, self._batch,
            self._partitionMemory, self._memory, self._maxBlock, self._linger, self._requestTimeout, self._backoff, self._metadataAge,
            self._sync,
        };
        KafkaVersion.AddTo(command, terminal);
        command.Check(result =>
        {
            if (result.GetValue(self._lineReader) is { } reader && reader != LineReaderClass)
                result.AddError($"--line-reader {reader} is not supported: classes of Java cannot be loaded here.");
        });
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var format = await ReadFormatAsync(parsed, cancellationToken);
        var properties = await ReadPropertiesAsync(parsed, cancellationToken);
        await using var connection = await ClusterConnection.OpenAsync(
            parsed.GetRequiredValue(_bootstrap), properties, verbose: false, cancellationToken);
        // Kafka's own defaults for this tool.
        properties.SetDefault("linger.ms", "1000");
        properties.SetDefault("batch.size", "16384");
        await using var producer = connection.CreateProducer(properties.ToProducerOptions());
        var deliveries = new Deliveries(json: null);
        var publisher = new RecordPublisher(producer, deliveries, parsed.GetRequiredValue(_topic))
        {
            Format = format,
            IsSynchronous = parsed.GetValue(_sync),
            BeforeWaiting = PromptAsync,
        };
        await publisher.RunAsync(new LineReader(_terminal.InBytes), cancellationToken);
        await deliveries.CompleteAsync();
        return 0;
    }

    private async ValueTask PromptAsync(long records)
    {
        if (_terminal.ReadsFromHuman)
            await _terminal.Out.WriteAsync(">");
    }

    private async ValueTask<LineFormat> ReadFormatAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await Deprecation.WarnAsync(parsed, _terminal, "Warning: ", ("--property", "--reader-property"));
        var format = new LineFormat();
        if (parsed.GetValue(_readerConfig) is { } file)
        {
            foreach (var (name, value) in await PropertiesFile.ReadAsync(file, cancellationToken))
                format.Set(name, value);
        }

        foreach (var pair in parsed.GetValue(_reader) ?? [])
        {
            var (name, value) = ClientProperties.SplitPair("--reader-property", pair);
            format.Set(name, value);
        }

        return format;
    }

    private async ValueTask<ClientProperties> ReadPropertiesAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await Deprecation.WarnAsync(
            parsed, _terminal, "Warning: ", ("--producer-property", "--command-property"), ("--producer.config", "--command-config"));
        var properties = new ClientProperties();
        properties.Set("client.id", "console-producer");
        SetIfGiven("linger.ms", parsed.GetValue(_linger));
        SetIfGiven("batch.size", parsed.GetValue(_partitionMemory) ?? parsed.GetValue(_batch));
        SetIfGiven("buffer.memory", parsed.GetValue(_memory));
        SetIfGiven("max.block.ms", parsed.GetValue(_maxBlock));
        SetIfGiven("request.timeout.ms", parsed.GetValue(_requestTimeout));
        SetIfGiven("retry.backoff.ms", parsed.GetValue(_backoff));
        SetIfGiven("metadata.max.age.ms", parsed.GetValue(_metadataAge));
        if (parsed.GetValue(_acks) is { } acks)
            properties.Set("acks", acks);
        if (parsed.GetResult(_codec) is not null)
            properties.Set("compression.type", parsed.GetValue(_codec) ?? "gzip");
        if (parsed.GetValue(_config) is { } file)
            await properties.LoadAsync(file, cancellationToken);
        foreach (var pair in parsed.GetValue(_properties) ?? [])
            properties.SetPair("--command-property", pair);
        return properties;

        void SetIfGiven(string name, long? value)
        {
            if (value is { } number)
                properties.Set(name, number.ToString(CultureInfo.InvariantCulture));
        }
    }
}
