using System.Globalization;
using System.Text;

namespace Caudal.Cli.Cluster;

/// <summary>Java's <c>.properties</c> files, as <c>java.util.Properties.load</c> reads them.</summary>
internal static class PropertiesFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public static async ValueTask<Dictionary<string, string>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return Parse(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot read {path}: {e.Message}", CaudalCommand.WrongUse);
        }
    }

    /// <summary>Reads properties from text; of several with one name the last counts.</summary>
    public static Dictionary<string, string> Parse(string text)
    {
        var result = new Dictionary<string, string>();
        foreach (var line in LogicalLines(text))
        {
            var end = KeyEnd(line);
            var start = end;
            while (start < line.Length && IsBlank(line[start]))
                start++;
            if (start < line.Length && line[start] is '=' or ':')
                start++;
            while (start < line.Length && IsBlank(line[start]))
                start++;
            result[Unescape(line.AsSpan(0, end))] = Unescape(line.AsSpan(start));
        }

        return result;
    }

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\f';

    /// <summary>Joins lines that end with an odd number of backslashes to the next, and leaves out blank ones and comments.</summary>
    private static IEnumerable<string> LogicalLines(string text)
    {
        var pending = "";
        foreach (var natural in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var line = natural.TrimStart(' ', '\t', '\f');
            if (pending.Length == 0 && (line.Length == 0 || line[0] is '#' or '!'))
                continue;
            line = pending + line;
            pending = "";
            var backslashes = line.Length - line.AsSpan().TrimEnd('\\').Length;
            if (backslashes % 2 == 1)
                pending = line[..^1];
            else
                yield return line;
        }

        if (pending.Length > 0)
            yield return pending;
    }

    private static int KeyEnd(string line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
                i++;
            else if (line[i] is '=' or ':' || IsBlank(line[i]))
                return i;
        }

        return line.Length;
    }

    private static string Unescape(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            var escaped = text[++i];
            if (escaped == 'u'
                    && i + 4 < text.Length
                    && ushort.TryParse(text.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                result.Append((char)code);
                i += 4;
                continue;
            }

            result.Append(escaped switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', _ => escaped });
        }

        return result.ToString();
    }
}
