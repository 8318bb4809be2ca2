using System.CommandLine;
using System.CommandLine.Invocation;

namespace Caudal.Cli.Kafka;

/// <summary><c>--version</c> of Kafka's tools: the version of Kafka whose flags and output these are.</summary>
internal static class KafkaVersion
{
    private const string Version = "4.3.1";

    /// <summary>Adds the option to a command.</summary>
    public static void AddTo(Command command, Terminal terminal) => command.Add(new Option<bool>("--version")
    {
        Description = "Print the version of Kafka whose flags these are.",
        Arity = ArgumentArity.Zero,
        Action = new Print(terminal),
    });

    private sealed class Print(Terminal terminal) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            terminal.Out.WriteLine(Version);
            return 0;
        }
    }
}
