namespace Caudal.Cli.Tests;

/// <summary>What a command left behind.</summary>
internal sealed record CommandResult(int ExitCode, string Out, string Error)
{
    /// <summary>The lines of standard output.</summary>
    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Asserts that the command did what it was asked for.</summary>
    public CommandResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
        return this;
    }

    /// <summary>Asserts that it failed with one line of explanation.</summary>
    public CommandResult Failed(int exitCode = CaudalCommand.Failed)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}: {Out}{Error}");
        Assert.StartsWith("caudal: ", Error);
        Assert.Equal(Error.Length - 1, Error.IndexOf('\n', StringComparison.Ordinal));
        return this;
    }
}
