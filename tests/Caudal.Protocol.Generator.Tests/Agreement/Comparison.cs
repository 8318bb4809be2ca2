namespace Caudal.Protocol.Generator.Tests.Agreement;

/// <summary>Where a schema and Kafka's definition differ.</summary>
/// <param name="Message">The message.</param>
/// <param name="Field">The path of the field, empty for the message itself.</param>
/// <param name="Aspect">What differs.</param>
/// <param name="Version">The version in which it was found.</param>
/// <param name="Ours">What the schema says.</param>
/// <param name="Kafkas">What Kafka says.</param>
internal sealed record Difference(string Message, string Field, string Aspect, int Version, string Ours, string Kafkas)
{
    /// <summary>The difference whatever the version: what the list of exceptions names.</summary>
    public string Key => $"{Message}{(Field.Length > 0 ? "." + Field : "")} {Aspect}";

    public override string ToString() => $"{Key}, version {Version}: the schema has {Ours}, Kafka {Kafkas}";
}

/// <summary>Compares a message with Kafka's definitions of it, version by version and field by field.</summary>
internal sealed class Comparison
{
    private readonly MessageModel _message;
    private readonly KafkaMessage? _newer;
    private readonly KafkaMessage? _older;
    private readonly List<Difference> _differences = [];

    private Comparison(MessageModel message, KafkaMessage? newer, KafkaMessage? older)
    {
        _message = message;
        _newer = newer;
        _older = older;
    }

    public static List<Difference> Run(MessageModel message, KafkaDefinitions kafka)
    {
        var (newer, older) = kafka.Of(message.Name);
        var comparison = new Comparison(message, newer, older);
        comparison.CompareMessage();
        return comparison._differences;
    }

    private void CompareMessage()
    {
        if ((_newer ?? _older) is not { } kafkas)
        {
            Add("", "exists", -1, "it", "no such message");
            return;
        }

        if (_message.ApiKey != kafkas.ApiKey)
            Add("", "key", -1, $"{_message.ApiKey}", $"{kafkas.ApiKey}");
        var last = Math.Max(_message.Versions.Max, Math.Max(_newer?.Versions.Max ?? -1, _older?.Versions.Max ?? -1));
        for (var version = 0; version <= last; version++)
            CompareVersion(version);
    }

    private void CompareVersion(int version)
    {
        var definition = _newer?.Versions.Contains(version) == true ? _newer : _older?.Versions.Contains(version) == true ? _older : null;
        var ours = _message.Versions.Contains(version);
        if (ours != definition is not null)
            Add("", $"version {version}", version, ours ? "it" : "no such version", ours ? "no such version" : "it");
        if (!ours || definition is null)
            return;
        if (_message.Flexible.Contains(version) != definition.Flexible.Contains(version))
            Add("", "flexible", version, $"{_message.Flexible}", $"{definition.Flexible}");
        CompareFields("", WireField.Of(_message, _message.Fields, version), definition.Fields(version), version);
    }

    private void CompareFields(string path, List<WireField> ours, List<WireField> kafkas, int version)
    {
        foreach (var field in ours.ExceptBy(kafkas.Select(f => f.Name), f => f.Name))
            Add(path + field.Name, "exists", version, "it", "no such field");
        foreach (var field in kafkas.ExceptBy(ours.Select(f => f.Name), f => f.Name))
            Add(path + field.Name, "exists", version, "no such field", "it");
        var pairs = ours.Join(kafkas, f => f.Name, f => f.Name, (our, their) => (Ours: our, Kafkas: their)).ToList();
        var order = kafkas.IntersectBy(pairs.Select(p => p.Ours.Name), f => f.Name).Select(f => f.Name).ToList();
        if (!order.SequenceEqual(pairs.Select(p => p.Ours.Name)))
            Add(path.TrimEnd('.'), "order", version, string.Join(", ", pairs.Select(p => p.Ours.Name)), string.Join(", ", order));
        foreach (var (our, their) in pairs)
            CompareField(path + our.Name, our, their, version);
    }

    private void CompareField(string path, WireField ours, WireField kafkas, int version)
    {
        // Defaults and ignorable hold for all versions of a field: the newest definition that has it counts.
        var newest = _newer?.Find(path) ?? _older?.Find(path);
        var value = newest is { } field ? KafkaMessage.Default(field) : kafkas.Default;
        var ignorable = newest is { } same ? KafkaMessage.Ignorable(same) : kafkas.Ignorable;
        Check(path, "type", version, ours.Type, kafkas.Type);
        Check(path, "nullable", version, ours.Nullable, kafkas.Nullable);
        Check(path, "tag", version, ours.Tag, kafkas.Tag);
        Check(path, "compact", version, ours.Compact, kafkas.Compact);
        Check(path, "default", version, ours.Default, value);
        Check(path, "ignorable", version, ours.Ignorable, ignorable);
        CompareFields(path + ".", ours.Fields, kafkas.Fields, version);
    }

    private void Check<T>(string path, string aspect, int version, T ours, T kafkas)
    {
        if (!EqualityComparer<T>.Default.Equals(ours, kafkas))
            Add(path, aspect, version, $"{ours}", $"{kafkas}");
    }

    private void Add(string path, string aspect, int version, string ours, string kafkas) =>
        _differences.Add(new Difference(_message.Name, path, aspect, version, ours, kafkas));
}
