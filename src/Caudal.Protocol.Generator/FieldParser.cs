using System;
using System.Collections.Generic;
using System.Globalization;

namespace Caudal.Protocol.Generator;

/// <summary>Reads one field's line.</summary>
internal sealed class FieldParser(List<SchemaError> problems)
{
    private static readonly HashSet<string> Primitives =
        ["bool", "int8", "int16", "uint16", "int32", "uint32", "int64", "float64", "string", "uuid", "bytes", "records"];

    public static bool IsPrimitive(string type) => Primitives.Contains(type);

    public FieldModel? Parse(string text, string commentAbove, int line)
    {
        var comment = commentAbove;
        var slashes = text.IndexOf("//", StringComparison.Ordinal);
        if (slashes >= 0)
        {
            comment = text.Substring(slashes + 2).Trim();
            text = text.Substring(0, slashes).TrimEnd();
        }

        var colon = text.IndexOf(':');
        if (colon <= 0 || !IsName(text.Substring(0, colon)))
        {
            Report("KAFKA012", line, "Expected 'Name: type', with a name that begins with a capital letter.");
            return null;
        }

        var words = text.Substring(colon + 1).Split([' '], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            Report("KAFKA012", line, $"{text} has no type.");
            return null;
        }

        var field = new FieldModel { Name = text.Substring(0, colon), Comment = comment, Line = line };
        return ParseType(field, words[0]) && ParseAttributes(field, words) && Check(field) ? field : null;
    }

    private bool ParseType(FieldModel field, string type)
    {
        field.IsArray = type.StartsWith("[", StringComparison.Ordinal) && type.EndsWith("]", StringComparison.Ordinal);
        field.Type = field.IsArray ? type.Substring(1, type.Length - 2) : type;
        if (IsPrimitive(field.Type) || IsName(field.Type))
            return true;
        return Report(
            "KAFKA013",
            field.Line,
            $"'{type}' is no type: expected {string.Join(", ", Primitives)}, a struct that begins with a capital letter, "
            + "or one of them in brackets.");
    }

    private bool ParseAttributes(FieldModel field, string[] words)
    {
        for (var i = 1; i < words.Length; i++)
        {
            var word = words[i];
            var hasNext = i + 1 < words.Length;
            if (word == "ignorable")
                field.Ignorable = true;
            else if (word == "inflexible")
                field.Inflexible = true;
            else if (word == "=" && hasNext)
                field.Default = words[++i];
            else if (word == "tag" && hasNext && int.TryParse(words[i + 1], out var tag) && tag >= 0)
                (field.Tag, i) = (tag, i + 1);
            else if (word == "nullable")
                field.Nullable = hasNext && IsRange(words[i + 1], out var nullable) ? Next(nullable, ref i) : VersionRange.All;
            else if (IsRange(word, out var versions))
                field.Versions = versions;
            else
            {
                return Report(
                    "KAFKA014",
                    field.Line,
                    $"'{word}' of {field.Name} is not understood: "
                    + "expected vA-B, = DEFAULT, nullable [vA+], tag N, ignorable or inflexible.");
            }
        }

        return true;
    }

    private static VersionRange Next(VersionRange range, ref int index)
    {
        index++;
        return range;
    }

    private bool Check(FieldModel field)
    {
        if (field.IsNullable && !CanBeNull(field))
            return Report("KAFKA015", field.Line, $"{field.Name}: {field.Type} cannot be null.");
        if (field.Default is not { } text)
            return true;
        var good = field.IsArray || !IsPrimitive(field.Type) ? text == "null" && field.IsNullable : IsDefault(field, text);
        var type = field.Type + (field.IsNullable ? "" : ", which is not nullable");
        return good || Report("KAFKA016", field.Line, $"{field.Name}: the default {text} does not fit {type}.");
    }

    private static bool IsDefault(FieldModel field, string text) => field.Type switch
    {
        "bool" => text is "true" or "false",
        "string" => text == "null" ? field.IsNullable : text.Length >= 2 && text[0] == '"' && text[text.Length - 1] == '"',
        "bytes" or "records" => text == "null" && field.IsNullable,
        "int8" => sbyte.TryParse(text, out _),
        "int16" => short.TryParse(text, out _),
        "uint16" => ushort.TryParse(text, out _),
        "int32" => int.TryParse(text, out _),
        "uint32" => uint.TryParse(text, out _),
        "int64" => long.TryParse(text, out _),
        "float64" => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        _ => false,
    };

    private static bool CanBeNull(FieldModel field) =>
        field.IsArray || field.Type is "string" or "bytes" or "records" || !IsPrimitive(field.Type);

    private static bool IsRange(string word, out VersionRange range)
    {
        range = default;
        return word.Length > 1 && word[0] == 'v' && VersionRange.TryParse(word.Substring(1), out range);
    }

    /// <summary>Whether a text can be the name of a message, a struct or a field.</summary>
    public static bool IsName(string text)
    {
        if (text.Length == 0 || text[0] is < 'A' or > 'Z')
            return false;
        foreach (var c in text)
        {
            if (c is not ((>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '0' and <= '9')))
                return false;
        }

        return true;
    }

    private bool Report(string id, int line, string message)
    {
        problems.Add(new SchemaError(id, line, message));
        return false;
    }
}
