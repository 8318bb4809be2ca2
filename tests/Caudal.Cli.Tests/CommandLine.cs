namespace Caudal.Cli.Tests;

/// <summary>Runs commands in this process.</summary>
internal static class CommandLine
{
    public static Task<CommandResult> RunAsync(params string[] args) => RunWithAsync("", TestContext.Current.CancellationToken, args);

    public static Task<CommandResult> TypeAsync(string input, params string[] args) =>
        RunWithAsync(input, TestContext.Current.CancellationToken, args);

    public static async Task<CommandResult> RunWithAsync(string input, CancellationToken cancellationToken, params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var exitCode = await CaudalCommand.RunAsync(
            args, new Terminal(new StringReader(input), output, error, IsInteractive: false), cancellationToken);
        return new CommandResult(exitCode, output.ToString(), error.ToString());
    }
}
