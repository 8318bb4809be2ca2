using System.Text.RegularExpressions;

namespace Caudal.Cli.Kafka;

/// <summary>
/// Regular expressions for names of topics, as Kafka's tools take them: the whole name must match, and a comma is an alternative.
/// </summary>
internal static class JavaPattern
{
    // A pattern that somebody mistyped must not keep the command busy for ever.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="CommandException">It is not one.</exception>
    public static Regex Parse(string pattern)
    {
        var alternatives = pattern.Trim().Replace(',', '|').Replace(" ", "", StringComparison.Ordinal).Trim('"', '\'');
        try
        {
            return new Regex($"^(?:{alternatives})$", RegexOptions.CultureInvariant, Timeout);
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"'{pattern}' is not a regular expression: {e.Message}", CaudalCommand.WrongUse);
        }
    }
}
