using Caudal.Client;

namespace Caudal.Cli.Cluster;

/// <summary>Client properties by Kafka's names, as they stand in <c>.properties</c> files and behind <c>--command-property</c>.</summary>
/// <remarks>A property of another kind of client does nothing, as in Java; one that nobody knows is refused by name.</remarks>
internal sealed class ClientProperties
{
    private readonly Dictionary<string, string> _values = [];

    /// <summary>Splits <c>name=value</c>; nothing behind the sign is an empty value.</summary>
    /// <exception cref="CommandException">It has another form.</exception>
    public static (string Name, string Value) SplitPair(string option, string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0
            ? (text[..at].Trim(), text[(at + 1)..])
            : throw new CommandException($"{option} {text}: expected name=value.", CaudalCommand.WrongUse);
    }

    /// <summary>Adds a property; a later one replaces an earlier one of the same name.</summary>
    public void Set(string name, string value) => _values[name] = value;

    /// <summary>Adds a property unless there is one of this name.</summary>
    public void SetDefault(string name, string value) => _values.TryAdd(name, value);

    /// <summary>Adds a property of the form <c>name=value</c>.</summary>
    /// <exception cref="CommandException">It has another form.</exception>
    public void SetPair(string option, string text)
    {
        var (name, value) = SplitPair(option, text);
        Set(name, value);
    }

    /// <summary>Adds the properties of a file.</summary>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public async ValueTask LoadAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in await PropertiesFile.ReadAsync(path, cancellationToken))
            Set(name, value);
    }

    /// <summary>Options of a client.</summary>
    /// <exception cref="CommandException">A property is not known, or cannot be read.</exception>
    public KafkaClientOptions ToClientOptions() => Read(KafkaClientOptions.FromProperties);

    /// <summary>Options of a producer.</summary>
    /// <exception cref="CommandException">A property is not known, or cannot be read.</exception>
    public ProducerOptions ToProducerOptions() => Read(ProducerOptions.FromProperties);

    /// <summary>Options of a consumer.</summary>
    /// <exception cref="CommandException">A property is not known, or cannot be read.</exception>
    public ConsumerOptions ToConsumerOptions() => Read(ConsumerOptions.FromProperties);

    private T Read<T>(Func<IEnumerable<KeyValuePair<string, string>>, T> read)
    {
        try
        {
            return read(_values);
        }
        catch (ArgumentException e)
        {
            // The name of the record means nothing to users of a command.
            throw new CommandException(e.Message.Replace($"{typeof(T).Name}: ", "", StringComparison.Ordinal), CaudalCommand.WrongUse);
        }
    }
}
