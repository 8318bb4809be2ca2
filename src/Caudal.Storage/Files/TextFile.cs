using System.Globalization;
using System.Text;

namespace Caudal.Storage.Files;

/// <summary>Kafka's text checkpoints: a version, a count, and as many lines of words.</summary>
internal static class TextFile
{
    internal static byte[] Format(IReadOnlyCollection<string> lines)
    {
        var text = new StringBuilder("0\n").Append(CultureInfo.InvariantCulture, $"{lines.Count}\n");
        foreach (var line in lines)
            text.Append(line).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <returns>
    /// The words of each line; null if the file is missing or damaged, which is the same to those who ask: they start from what the logs
    /// hold.
    /// </returns>
    internal static List<string[]>? Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        if (lines.Length < 2 || lines[0].Trim() != "0" || !TryNumber(lines[1], out var count))
            return null;
        var result = new List<string[]>();
        foreach (var line in lines.AsSpan(2))
        {
            if (line.Length > 0)
                result.Add(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return result.Count == count ? result : null;
    }

    internal static bool TryNumber(string word, out long number) =>
        long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
