using System.Globalization;

namespace Caudal.Broker.Configuration;

/// <summary>The broker's settings as they count now: what it was started with, and over it what was changed while it ran.</summary>
/// <remarks>Thread safe. Dynamic settings are replaced as whole maps; readers see the old or the new one.</remarks>
internal sealed class ConfigStore
{
    private static readonly Dictionary<string, string> None = [];

    private readonly IReadOnlyDictionary<string, string> _static;
    private volatile IReadOnlyDictionary<string, string> _dynamic = None;
    private volatile IReadOnlyDictionary<string, string> _dynamicDefault = None;

    /// <summary>Starts with settings that were checked before.</summary>
    public ConfigStore(IReadOnlyDictionary<string, string> settings) => _static = settings;

    /// <summary>What was changed on this broker.</summary>
    public IReadOnlyDictionary<string, string> Dynamic
    {
        get => _dynamic;
        set => _dynamic = value;
    }

    /// <summary>What was changed for all brokers.</summary>
    public IReadOnlyDictionary<string, string> DynamicDefault
    {
        get => _dynamicDefault;
        set => _dynamicDefault = value;
    }

    /// <summary>The places that a broker's setting has a value in, the one that counts first.</summary>
    public IEnumerable<(string Value, ConfigSource Source)> Sources(string name)
    {
        if (_dynamic.TryGetValue(name, out var value))
            yield return (value, ConfigSource.DynamicBroker);
        if (_dynamicDefault.TryGetValue(name, out value))
            yield return (value, ConfigSource.DynamicDefaultBroker);
        if (_static.TryGetValue(name, out value))
            yield return (value, ConfigSource.StaticBroker);
        if (BrokerConfigs.TryGet(name, out var definition) && definition.Default is { } fallback)
            yield return (fallback, ConfigSource.Default);
    }

    /// <summary>
    /// The values that a broker's setting and its <see cref="BrokerConfigs.Family"/> have, as DescribeConfigs tells them: all dynamic ones
    /// before the static and those before the defaults. As in Kafka what comes before the setting's own first value is left out, so a
    /// setting without any tells none of its family's.
    /// </summary>
    public IEnumerable<(string Name, string Value, ConfigSource Source)> Synonyms(string name)
    {
        var family = BrokerConfigs.Family(name);
        return Enum.GetValues<ConfigSource>()
            .SelectMany(source => family.SelectMany(
                member => Sources(member).Where(place => place.Source == source).Select(place => (member, place.Value, source))))
            .SkipWhile(place => place.member != name);
    }

    /// <summary>The value of a broker's setting; null if it has none.</summary>
    public string? Get(string name)
    {
        if (_dynamic.TryGetValue(name, out var value)
            || _dynamicDefault.TryGetValue(name, out value)
            || _static.TryGetValue(name, out value))
            return value;
        return BrokerConfigs.TryGet(name, out var definition) ? definition.Default : null;
    }

    /// <summary>The value of a broker's setting that is a whole number and has a default.</summary>
    public int GetInt32(string name) => int.Parse(Required(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <summary>The value of a broker's setting that is a whole number and has a default.</summary>
    public long GetInt64(string name) => long.Parse(Required(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <summary>The value of a broker's setting that is a number with a fraction.</summary>
    public double GetDouble(string name) => double.Parse(Required(name), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The value of a broker's setting that is true or false.</summary>
    public bool GetBoolean(string name) => bool.Parse(Required(name).Trim());

    /// <summary>The places that a topic's setting has a value in, by the names they have there, the one that counts first.</summary>
    /// <param name="definition">The topic's setting.</param>
    /// <param name="overrides">The topic's own settings.</param>
    public IEnumerable<(string Name, string Value, ConfigSource Source)> Sources(
        ConfigDefinition definition, IReadOnlyDictionary<string, string> overrides)
    {
        if (overrides.TryGetValue(definition.Name, out var value))
            yield return (definition.Name, value, ConfigSource.Topic);
        var hasDefault = false;
        foreach (var synonym in definition.Synonyms)
        {
            foreach (var (brokerValue, source) in Sources(synonym.Name))
            {
                hasDefault |= source == ConfigSource.Default;
                yield return (synonym.Name, TopicConfigs.Convert(synonym, brokerValue), source);
            }
        }

        if (!hasDefault && definition.Default is not null)
            yield return (definition.Name, definition.Default, ConfigSource.Default);
    }

    /// <summary>The value of a topic's setting, and where it comes from.</summary>
    public (string Value, ConfigSource Source) Resolve(ConfigDefinition definition, IReadOnlyDictionary<string, string> overrides)
    {
        // What somebody set comes before what nobody set: log.retention.hours given at the start beats the absent default of
        // log.retention.ms.
        foreach (var (_, value, source) in Sources(definition, overrides))
            return (value, source);
        return (definition.Default ?? "", ConfigSource.Default);
    }

    private string Required(string name) =>
        Get(name) ?? throw new InvalidOperationException($"The setting {name} has neither a value nor a default.");
}
