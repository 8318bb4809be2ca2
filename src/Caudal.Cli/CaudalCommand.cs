using System.CommandLine;
using System.CommandLine.Parsing;
using Caudal.Cli.Cluster;
using Caudal.Cli.Commands;
using Caudal.Cli.Kafka;
using Caudal.Cli.Output;
using Caudal.Protocol;

namespace Caudal.Cli;

/// <summary>The <c>caudal</c> command: what it can do, and how it fails.</summary>
/// <remarks>Exit codes: 0 done, 1 it failed, 2 it was called wrongly. Errors are one line on standard error.</remarks>
internal static class CaudalCommand
{
    /// <summary>It failed.</summary>
    public const int Failed = 1;

    /// <summary>It was called wrongly.</summary>
    public const int WrongUse = 2;

    /// <summary>All commands.</summary>
    public static RootCommand Create(Terminal terminal)
    {
        var cluster = new ClusterOptions();
        // These say by themselves which broker they work on.
        Command[] others =
        [
            BrokerCommand.Create(terminal), DemoCommand.Create(terminal),
            TopicsCommand.Create(terminal), ConsoleProducerCommand.Create(terminal), ConsoleConsumerCommand.Create(terminal),
        ];
        foreach (var command in others)
            cluster.RefuseOn(command);
        Command[] commands =
        [
            .. others, TopicCommand.Create(terminal, cluster), ProduceCommand.Create(terminal, cluster),
            ConsumeCommand.Create(terminal, cluster),
            GroupCommand.Create(terminal, cluster), PerfCommand.Create(terminal, cluster),
        ];
        var root = new RootCommand("Kafka end to end: a broker in one process, tools for every cluster, and demonstrations.");
        cluster.AddTo(root);
        foreach (var command in commands)
            root.Add(command);
        return root;
    }

    /// <summary>Parses and runs a command line.</summary>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        var result = Create(terminal).Parse(args);
        if (result.Errors.Count > 0)
        {
            await terminal.Error.WriteLineAsync($"caudal: {WhatIsWrong(result)} Try '{Invocation(result.CommandResult)} --help'.");
            return WrongUse;
        }

        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            // Signals are the caller's: see TerminationSignals.
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await result.InvokeAsync(configuration, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or OutputClosedException)
        {
            return 0;
        }
        catch (CommandException e)
        {
            await terminal.Error.WriteLineAsync($"caudal: {e.Message.ReplaceLineEndings(" ")}");
            return e.ExitCode;
        }
        catch (Exception e) when (e is KafkaException or IOException or UnauthorizedAccessException)
        {
            await terminal.Error.WriteLineAsync($"caudal: {e.Message.ReplaceLineEndings(" ")}");
            return Failed;
        }
    }

    private static string WhatIsWrong(ParseResult result)
    {
        // What is not known at all is the cause of what is missing; else the first error is the cause of the others.
        if (result.UnmatchedTokens.Count > 0)
            return $"There is no '{result.UnmatchedTokens[0]}' here.";
        var message = result.Errors[0].Message.ReplaceLineEndings(" ");
        // The names of types say nothing to users.
        var at = message.IndexOf(" as expected type '", StringComparison.Ordinal);
        return at < 0 ? message : message[..at] + ": it is a whole number.";
    }

    private static string Invocation(CommandResult command)
    {
        var names = new List<string>();
        for (SymbolResult? at = command; at is not null; at = at.Parent)
        {
            if (at is CommandResult named)
                names.Insert(0, named.Command is RootCommand ? "caudal" : named.Command.Name);
        }

        return string.Join(' ', names);
    }
}
