namespace Caudal.Cli;

/// <summary>A command cannot do what it was asked for: one line for the user, and the exit code.</summary>
internal sealed class CommandException(string message, int exitCode = CaudalCommand.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
