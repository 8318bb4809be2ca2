using System.Diagnostics;

namespace Caudal.Cli.Tests;

/// <summary>A process that a test started, and ends if the test does not.</summary>
internal sealed class RunningProcess : IDisposable
{
    private readonly Process _process;

    private RunningProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public StreamReader Out => _process.StandardOutput;

    /// <summary>Starts a program.</summary>
    public static RunningProcess Start(string file, params string[] args)
    {
        var start = new ProcessStartInfo(file, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new RunningProcess(Process.Start(start)!);
    }

    /// <summary>Starts the command that the tests were built with.</summary>
    public static RunningProcess StartCaudal(params string[] args) =>
        Start(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "caudal.exe" : "caudal"), args);

    /// <summary>Sends a signal by its name, e.g. <c>TERM</c>.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Start("kill", $"-{name}", $"{Id}");
        Assert.Equal(0, await kill.ExitCodeAsync());
    }

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Types the input and waits for the end.</summary>
    public async Task<CommandResult> CompleteAsync(string input = "")
    {
        var output = _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await _process.StandardInput.WriteAsync(input);
        _process.StandardInput.Close();
        return new CommandResult(await ExitCodeAsync(), await output, await error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
