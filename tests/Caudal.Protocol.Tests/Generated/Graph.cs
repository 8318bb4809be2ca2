namespace Caudal.Protocol.Tests.Generated;

/// <summary>Compares messages by value.</summary>
internal static class Graph
{
    /// <summary>The path of the first difference with both values, or null when there is none.</summary>
    public static string? Difference(object? expected, object? actual, string path = "")
    {
        if (expected is null || actual is null)
            return expected == actual ? null : $"{path}: {expected ?? "null"} became {actual ?? "null"}";
        if (expected is ReadOnlyMemory<byte> bytes)
            return bytes.Span.SequenceEqual(((ReadOnlyMemory<byte>)actual).Span) ? null : $"{path}: other records";
        if (expected is Array items)
            return Difference(items, (Array)actual, path);
        if (expected.GetType() is { IsClass: true } type && type != typeof(string))
        {
            return type.GetProperties().Where(p => !p.GetMethod!.IsStatic)
                .Select(p => Difference(p.GetValue(expected), p.GetValue(actual), $"{path}.{p.Name}"))
                .FirstOrDefault(found => found is not null);
        }

        return expected.Equals(actual) ? null : $"{path}: {expected} became {actual}";
    }

    private static string? Difference(Array expected, Array actual, string path)
    {
        if (expected.Length != actual.Length)
            return $"{path}: {expected.Length} elements became {actual.Length}";
        return Enumerable.Range(0, expected.Length)
            .Select(i => Difference(expected.GetValue(i), actual.GetValue(i), $"{path}[{i}]"))
            .FirstOrDefault(found => found is not null);
    }
}
