using System.Globalization;

namespace Caudal.Protocol.Generator.Tests.Agreement;

/// <summary>A field as one version of a message has it.</summary>
internal sealed record WireField
{
    public required string Name { get; init; }

    /// <summary>The type as Kafka writes it: <c>[]int32</c>.</summary>
    public required string Type { get; init; }

    public required bool Nullable { get; init; }

    public required int Tag { get; init; }

    public required string Default { get; init; }

    public required bool Ignorable { get; init; }

    /// <summary>Whether lengths are compact.</summary>
    public required bool Compact { get; init; }

    public required List<WireField> Fields { get; init; }

    /// <summary>The fields of a version of a message of ours.</summary>
    public static List<WireField> Of(MessageModel message, List<FieldModel> fields, int version) =>
        [.. fields.Where(f => f.Versions.Contains(version)).Select(f => new WireField
        {
            Name = f.Name,
            Type = (f.IsArray ? "[]" : "") + f.Type,
            Nullable = f.Nullable.Contains(version),
            Tag = f.Tag,
            Default = Normal((f.IsArray ? "[]" : "") + f.Type, f.Default),
            Ignorable = f.Ignorable,
            Compact = message.Flexible.Contains(version) && !f.Inflexible,
            Fields = f.Struct is null ? [] : Of(message, f.Struct.Fields, version),
        })];

    /// <summary>A default in one way of writing, with what a missing one means.</summary>
    public static string Normal(string type, string? text)
    {
        var value = text?.Trim('"');
        if (value == "null")
            return "null";
        if (type.StartsWith('[') || type is "bytes" or "records" || char.IsUpper(type[0]))
            return "empty";
        if (type == "string")
            return $"'{value}'";
        if (type == "bool")
            return bool.TryParse(value, out var flag) && flag ? "true" : "false";
        if (string.IsNullOrEmpty(value) || type == "uuid")
            return "0";
        return value.StartsWith("0x", StringComparison.Ordinal)
            ? long.Parse(value.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)
            : value;
    }
}
