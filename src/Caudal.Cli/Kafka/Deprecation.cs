using System.CommandLine;

namespace Caudal.Cli.Kafka;

/// <summary>Says what Kafka's tools say about flags of theirs that are to go away.</summary>
internal static class Deprecation
{
    /// <summary>Warns of each flag that was used.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="terminal">Where to: standard output, as Kafka does.</param>
    /// <param name="prefix">What the tool puts before the flag.</param>
    /// <param name="flags">Flags and their successors.</param>
    public static async ValueTask WarnAsync(ParseResult parsed, Terminal terminal, string prefix, params (string Old, string New)[] flags)
    {
        foreach (var (old, successor) in flags)
        {
            if (parsed.Tokens.Any(token => token.Value == old))
                await terminal.Out.WriteLineAsync(
                    $"{prefix}{old} is deprecated and will be removed in a future version. Use {successor} instead.");
        }
    }
}
