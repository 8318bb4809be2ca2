using System.Diagnostics;

namespace Caudal.Bench;

/// <summary>A process that was started for a measurement, and ends with it.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;

    private Child(Process process) => _process = process;

    /// <summary>The processor time that the process has used.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The bytes that the process has in memory.</summary>
    public long Resident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>The first line that the process wrote.</summary>
    public string FirstLine { get; private init; } = "";

    /// <summary>How long it took from the start to that line.</summary>
    public TimeSpan UntilFirstLine { get; private init; }

    /// <summary>Watches a process that something else started; it is not ended.</summary>
    public static Child Watch(int id) => new(Process.GetProcessById(id)) { FirstLine = "watched" };

    /// <summary>Starts a process and waits for its first line.</summary>
    public static async Task<Child> StartAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var since = TimeProvider.System.GetTimestamp();
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        return line is null
            ? throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended without a word.")
            : new Child(process) { FirstLine = line, UntilFirstLine = TimeProvider.System.GetElapsedTime(since) };
    }

    /// <summary>Runs a process to its end and returns the lines it wrote.</summary>
    public static async Task<string[]> RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed with {process.ExitCode}: {output}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (FirstLine != "watched" && !_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
