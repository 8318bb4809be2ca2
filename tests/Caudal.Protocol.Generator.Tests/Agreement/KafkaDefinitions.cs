using System.IO.Compression;
using System.Text.Json;

namespace Caudal.Protocol.Generator.Tests.Agreement;

/// <summary>Kafka's own definitions of its messages, read out of its jars.</summary>
internal sealed class KafkaDefinitions
{
    private static readonly JsonDocumentOptions WithComments =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly Dictionary<string, KafkaMessage> _newer;
    private readonly Dictionary<string, KafkaMessage> _older;

    private KafkaDefinitions(string folder)
    {
        _newer = Load(Path.Combine(folder, "4.3"), ["kafka-clients-4", "kafka-group-coordinator-4", "kafka-transaction-coordinator-4"]);
        _older = Load(Path.Combine(folder, "3.3"), ["kafka-clients-3", "kafka_2"]);
    }

    /// <summary>Looks for <c>shared/kafka</c> beside the repository and above it; null when it is nowhere.</summary>
    public static KafkaDefinitions? Find(string root)
    {
        for (var folder = new DirectoryInfo(root).Parent; folder is not null; folder = folder.Parent)
        {
            var kafka = Path.Combine(folder.FullName, "shared", "kafka");
            if (Directory.Exists(Path.Combine(kafka, "4.3")) && Directory.Exists(Path.Combine(kafka, "3.3")))
                return new KafkaDefinitions(kafka);
        }

        return null;
    }

    /// <summary>The definition of 4.3, and that of 3.3 for versions that 4.3 no longer defines. Either may be missing.</summary>
    public (KafkaMessage? Newer, KafkaMessage? Older) Of(string name) => (_newer.GetValueOrDefault(name), _older.GetValueOrDefault(name));

    private static bool IsDefinition(string name) =>
        name.StartsWith("common/message/", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal);

    private static Dictionary<string, KafkaMessage> Load(string folder, string[] jars)
    {
        var messages = new Dictionary<string, KafkaMessage>();
        foreach (var jar in jars.SelectMany(name => Directory.GetFiles(folder, name + "*.jar")))
        {
            using var zip = ZipFile.OpenRead(jar);
            foreach (var entry in zip.Entries.Where(e => IsDefinition(e.FullName)))
            {
                using var stream = entry.Open();
                var message = new KafkaMessage(JsonDocument.Parse(stream, WithComments).RootElement);
                messages[message.Name] = message;
            }
        }

        return messages;
    }
}

/// <summary>One of Kafka's definitions.</summary>
internal sealed class KafkaMessage(JsonElement json)
{
    public string Name => json.GetProperty("name").GetString()!;

    public int ApiKey => json.TryGetProperty("apiKey", out var key) ? key.GetInt32() : -1;

    public VersionRange Versions => Range(json, "validVersions");

    public VersionRange Flexible => Range(json, "flexibleVersions");

    /// <summary>The fields of a version, in order.</summary>
    public List<WireField> Fields(int version) =>
        json.TryGetProperty("fields", out var fields) ? Fields(fields, version, new HashSet<string>()) : [];

    /// <summary>The definition of a field by its path, whatever its versions.</summary>
    public JsonElement? Find(string path)
    {
        JsonElement? found = null;
        var fields = json.TryGetProperty("fields", out var top) ? top : default;
        foreach (var name in path.Split('.'))
        {
            if (fields.ValueKind != JsonValueKind.Array)
                return null;
            found = First(fields, f => Capital(f.GetProperty("name").GetString()!) == name);
            if (found is not { } field)
                return null;
            fields = Members(field);
        }

        return found;
    }

    public static string Default(JsonElement field)
    {
        var type = field.GetProperty("type").GetString()!;
        return WireField.Normal(type, field.TryGetProperty("default", out var value) ? value.ToString() : null);
    }

    public static bool Ignorable(JsonElement field) => field.TryGetProperty("ignorable", out var value) && value.GetBoolean();

    private List<WireField> Fields(JsonElement fields, int version, HashSet<string> above)
    {
        var result = new List<WireField>();
        foreach (var field in fields.EnumerateArray().Where(f => Versioned(f).Contains(version)))
        {
            var type = field.GetProperty("type").GetString()!;
            var members = Members(field);
            var inflexible = field.TryGetProperty("flexibleVersions", out _) && !Range(field, "flexibleVersions").Contains(version);
            result.Add(new WireField
            {
                Name = Capital(field.GetProperty("name").GetString()!),
                Type = type,
                Nullable = Range(field, "nullableVersions").Contains(version),
                Tag = field.TryGetProperty("tag", out var tag) && Range(field, "taggedVersions").Contains(version) ? tag.GetInt32() : -1,
                Default = Default(field),
                Ignorable = Ignorable(field),
                Compact = Flexible.Contains(version) && !inflexible,
                Fields = members.ValueKind == JsonValueKind.Array && above.Add(type) ? Fields(members, version, [.. above]) : [],
            });
            above.Remove(type);
        }

        return result;
    }

    private JsonElement Members(JsonElement field)
    {
        if (field.TryGetProperty("fields", out var own))
            return own;
        var type = field.GetProperty("type").GetString()!.TrimStart('[', ']');
        return json.TryGetProperty("commonStructs", out var common)
            && First(common, s => s.GetProperty("name").GetString() == type) is { } found
            ? found.GetProperty("fields")
            : default;
    }

    // A field that is nothing but tagged may leave its versions out.
    private static VersionRange Versioned(JsonElement field) =>
        Range(field, field.TryGetProperty("versions", out _) ? "versions" : "taggedVersions");

    private static JsonElement? First(JsonElement items, Func<JsonElement, bool> predicate) =>
        items.EnumerateArray().Where(predicate).Cast<JsonElement?>().FirstOrDefault();

    private static VersionRange Range(JsonElement json, string property) =>
        json.TryGetProperty(property, out var text) && VersionRange.TryParse(text.GetString()!, out var range) ? range : VersionRange.None;

    // The records of coordinators begin their fields with a small letter; the schemas here do not.
    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
