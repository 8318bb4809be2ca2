using System.Diagnostics;
using System.Globalization;

namespace Caudal.Bench.Streams;

/// <summary>A Java process with the stream workloads of the peers: one that takes commands, or an application that may be killed.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    // Each of them does something all the time; Kafka Streams gives up by itself after two minutes without progress.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    // Of Kafka's jars: what its clients need, and not the logging that the peers bring along themselves.
    private static readonly string[] Libraries =
        ["kafka-clients", "jackson-annotations", "jackson-core", "jackson-databind", "slf4j-api", "lz4-java", "snappy-java", "zstd-jni"];

    private readonly Process _process;

    private PeerProcess(Process process) => _process = process;

    /// <summary>Starts the process that takes commands.</summary>
    public static PeerProcess StartCommands(Settings settings) => Start(settings, ["commands"]);

    /// <summary>Starts an application, from where an earlier one with the same id was killed.</summary>
    public static PeerProcess StartApplication(Settings settings, StreamsRun run, string bootstrap, string state) =>
        Start(settings, ["application", run.Work, bootstrap, run.Application, run.Output, run.Eos, state]);

    /// <summary>Does a command of <c>peers/streams</c> and returns its code with the last line that it wrote.</summary>
    public async Task<(int Code, string Line)> CommandAsync(string command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(command.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var last = "";
        while (true)
        {
            var line = await ReadAsync(command, cancellationToken);
            if (line.StartsWith("= ", StringComparison.Ordinal))
                return (int.Parse(line.AsSpan(2), CultureInfo.InvariantCulture), last);
            last = line;
        }
    }

    /// <summary>Waits until an application has taken up so many records since its start, or says something else.</summary>
    /// <returns>Null, or what it said when it ended before.</returns>
    public async Task<string?> TakenAsync(long records, CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = await ReadAsync("the application", cancellationToken);
            if (!line.StartsWith("taken ", StringComparison.Ordinal))
                return line;
            if (long.Parse(line.AsSpan(6), CultureInfo.InvariantCulture) >= records)
                return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // SIGKILL: nothing of the application has a chance to tidy up.
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static PeerProcess Start(Settings settings, string[] arguments)
    {
        var jars = string.Join(Path.PathSeparator, [Path.Combine(settings.Shared, "peers", "lib", "*"), .. Libraries.SelectMany(Find)]);
        var log = Environment.GetEnvironmentVariable("STREAMS_LOG") ?? "off";
        // What lives for seconds is not worth the second compiler.
        string[] tier = settings.Quick ? ["-XX:TieredStopAtLevel=1"] : [];
        string[] java = ["-XX:+UseSerialGC", .. tier, "-Xmx2g", $"-Dorg.slf4j.simpleLogger.defaultLogLevel={log}", "-cp", jars];
        var program = Path.Combine(AppContext.BaseDirectory, "java", "StreamsPeer.java");
        return new PeerProcess(Process.Start(new ProcessStartInfo("java", [.. java, program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);

        string[] Find(string library) => Directory.GetFiles(Path.Combine(settings.Shared, "kafka", "4.3"), $"{library}-*.jar");
    }

    private async Task<string> ReadAsync(string what, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await _process.StandardOutput.ReadLineAsync(both.Token)
                ?? throw new InvalidOperationException(
                    $"Java ended during '{what}'; its errors stand above (STREAMS_LOG=error shows more).");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new InvalidOperationException($"'{what}' said nothing for {Patience.TotalMinutes:0} minutes.");
        }
    }
}
