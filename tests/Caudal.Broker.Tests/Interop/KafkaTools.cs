using System.Diagnostics;
using System.Reflection;

namespace Caudal.Broker.Tests.Interop;

/// <summary>
/// Kafka's own command-line tools. They need <c>java</c> and Kafka's jars; on CI their absence is a failure, elsewhere the test is skipped.
/// </summary>
internal static class KafkaTools
{
    // A JVM starts in a second on an idle machine, and in many on a busy one.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(240);

    private static readonly string? Script = FindShared("kafka", "kafka");

    /// <summary>Runs a tool and returns what it printed.</summary>
    /// <param name="tool">The tool's name, e.g. <c>topics</c>.</param>
    /// <param name="arguments">Its arguments, separated by blanks.</param>
    /// <param name="input">What it reads from standard input.</param>
    /// <param name="version">The release of Kafka, for <c>start</c>; null for the newest.</param>
    public static Task<string> RunAsync(string tool, string arguments, string? input = null, string? version = null)
    {
        var start = new ProcessStartInfo(Script!, $"{tool} {arguments}");
        if (version is not null)
            start.Environment["KAFKA_VERSION"] = version;
        return RunAsync(start, input);
    }

    /// <summary>Runs a Java program of this folder on Kafka's jars and returns what it printed.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="arguments">The program's arguments.</param>
    public static Task<string> RunJavaAsync(string file, params string[] arguments)
    {
        var kafka = Path.GetDirectoryName(Script!)!;
        var start = new ProcessStartInfo("java");
        string[] all =
        [
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx512m",
            $"-Dlog4j2.configurationFile={Path.Combine(kafka, "log4j2.properties")}",
            "-cp",
            Path.Combine(kafka, "4.3", "*"),
            Source(file),
            .. arguments,
        ];
        foreach (var argument in all)
            start.ArgumentList.Add(argument);
        return RunAsync(start, null);
    }

    /// <summary>The path of a program in this folder.</summary>
    public static string Source(string file) => Path.Combine(Root, "tests", "Caudal.Broker.Tests", "Interop", file);

    /// <summary>Whether the tools and java are there.</summary>
    public static bool AreThere => Script is not null && HasJava();

    /// <summary>Runs a program to its end and returns what it printed.</summary>
    public static async Task<string> RunAsync(ProcessStartInfo start, string? input)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        // The client side compiler gains nothing in a process that lives for a second.
        start.Environment["KAFKA_TIER"] = "1";
        using var process = Process.Start(start)!;
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        giveUp.CancelAfter(Patience);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync(giveUp.Token);
            var output = await process.StandardOutput.ReadToEndAsync(giveUp.Token);
            await process.WaitForExitAsync(giveUp.Token);
            return output + await errors;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Skips the test where the tools are missing.</summary>
    public static void Require()
    {
        if (AreThere)
            return;
        const string Missing = "java or Kafka's tools (shared/kafka beside the repository or above) are missing";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Missing);
        Assert.Skip(Missing);
    }

    private static bool HasJava() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "java")));

    private static string Root => typeof(KafkaTools).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot").Value!;

    /// <summary>The path of a program in the folder <c>shared</c> beside the repository or above it; null if it is not there.</summary>
    public static string? FindShared(params string[] path)
    {
        for (var folder = new DirectoryInfo(Root); folder is not null; folder = folder.Parent)
        {
            var program = Path.Combine([folder.FullName, "shared", .. path]);
            if (File.Exists(program))
                return program;
        }

        return null;
    }
}
