using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Caudal.Protocol.Generator;

/// <summary>Emits what all files share: the API keys with their versions, and the error table.</summary>
public static class TableEmitter
{
    /// <summary>The C# of the enum of API keys and the table of their versions.</summary>
    /// <param name="apis">Key, name, versions and flexible versions of every request.</param>
    public static string EmitApis(IEnumerable<(int Key, string Name, VersionRange Versions, VersionRange Flexible)> apis)
    {
        var sorted = apis.OrderBy(a => a.Key).ToList();
        var code = new CodeWriter();
        MessageEmitter.Head(code);
        code.Line("namespace Caudal.Protocol;");
        code.Line();
        code.Summary("The APIs of Kafka's protocol that are known here, by their numbers on the wire.");
        code.Open("public enum ApiKey : short");
        foreach (var (key, name, versions, _) in sorted)
        {
            if (key != sorted[0].Key)
                code.Line();
            code.Summary($"{name}, versions {versions}.");
            code.Line($"{name} = {key},");
        }

        code.Close();
        code.Line();
        code.Summary("The versions of every API that are known here.");
        code.Open("public static partial class KafkaApis");
        code.Open("private static readonly ApiVersionRange[] Table =");
        foreach (var (_, name, versions, flexible) in sorted)
        {
            var firstFlexible = flexible.IsEmpty ? "short.MaxValue" : flexible.Min.ToString(CultureInfo.InvariantCulture);
            code.Line($"new(ApiKey.{name}, {versions.Min}, {versions.Max}, {firstFlexible}),");
        }

        code.Close(";");
        code.Close();
        return code.ToString();
    }

    /// <summary>The C# of the error codes and what is known of each.</summary>
    public static string EmitErrors(IReadOnlyList<ErrorModel> errors)
    {
        var code = new CodeWriter();
        MessageEmitter.Head(code);
        code.Line("namespace Caudal.Protocol;");
        code.Line();
        code.Summary("Kafka's error codes. A code that is not listed here is kept as its number.");
        code.Open("public enum ErrorCode : short");
        foreach (var error in errors)
        {
            if (error != errors[0])
                code.Line();
            code.Summary($"{error.Meaning} {(error.Retriable ? "Retriable." : "Not retriable.")}");
            code.Line($"{Pascal(error.Name)} = {error.Code},");
        }

        code.Close();
        code.Line();
        code.Open("public static partial class ErrorCodes");
        var first = errors.Min(e => e.Code);
        code.Line($"private const int FirstCode = {first};");
        code.Line();
        code.Open("private static readonly ErrorInfo?[] Table =");
        for (var number = (int)first; number <= errors.Max(e => e.Code); number++)
        {
            var error = errors.FirstOrDefault(e => e.Code == number);
            code.Line(error is null
                ? "null,"
                : $"new(\"{error.Name}\", {(error.Retriable ? "true" : "false")}, {Quote(error.Meaning)}, {Quote(error.Remedy)}),");
        }

        code.Close(";");
        code.Close();
        return code.ToString();
    }

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    private static string Pascal(string name)
    {
        var text = new StringBuilder();
        foreach (var word in name.Split(['_'], StringSplitOptions.RemoveEmptyEntries))
            text.Append(word[0]).Append(word.Substring(1).ToLowerInvariant());
        return text.ToString();
    }
}
