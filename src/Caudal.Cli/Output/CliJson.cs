using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Caudal.Cli.Perf;

namespace Caudal.Cli.Output;

/// <summary>The shapes of <c>--json</c>.</summary>
[
    JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PerfReport))]
[JsonSerializable(typeof(TopicJson))]
[JsonSerializable(typeof(TopicJson[]))]
[JsonSerializable(typeof(GroupListingJson[]))]
[JsonSerializable(typeof(GroupJson[]))]
[JsonSerializable(typeof(ProducedJson))]
[JsonSerializable(typeof(NodeJson[]))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>Writes a value on a line of its own.</summary>
    public static Task WriteLineAsync<T>(TextWriter output, T value, JsonTypeInfo<T> type) =>
        output.WriteLineAsync(JsonSerializer.Serialize(value, type));
}
