using System.Diagnostics;
using System.Reflection;

namespace Caudal.Compression.Tests;

/// <summary>Kafka's own codecs read what is written here. Needs <c>java</c> and Kafka's jars; on CI their absence is a failure.</summary>
public sealed class KafkaReadsOursTests
{
    [Fact]
    public async Task Kafka_reads_what_was_written()
    {
        var jars = FindJars();
        if (jars is null || !HasJava())
        {
            const string Missing = "java or Kafka's jars (shared/kafka/4.3 beside the repository or above) are missing";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Missing);
            Assert.Skip(Missing);
        }

        var folder = Directory.CreateTempSubdirectory("caudal-codecs-");
        try
        {
            var written = Write(folder.FullName);
            var printed = await RunAsync(jars, folder.FullName);
            Assert.Contains($"{written} agreed", printed, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Write(string folder)
    {
        var files = 0;
        string[] payloads =
        [
            "text0", "text1", "text1000", "text32768", "text65536", "text65537", "text300000",
            "random1", "random40000", "random70000", "zeros200000",
        ];
        foreach (var type in Payloads.Codecs)
        {
            var (min, max, preset) = CompressionTypes.LevelRange(type);
            foreach (var payload in payloads)
            {
                foreach (var level in new[] { preset, Math.Max(min, -7), max }.Distinct())
                {
                    var data = Payloads.Named(payload);
                    var file = Path.Combine(folder, $"{CompressionTypes.Name(type)}-{payload}-level{level}");
                    File.WriteAllBytes(file + ".raw", data);
                    File.WriteAllBytes(file + ".bin", Payloads.Compress(type, data, level));
                    files++;
                }
            }
        }

        return files;
    }

    private static async Task<string> RunAsync(string jars, string folder)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "java", "KafkaCodecs.java");
        var start = new ProcessStartInfo("java", ["-cp", Path.Combine(jars, "*"), program, "check", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var java = Process.Start(start)!;
        var cancellation = TestContext.Current.CancellationToken;
        try
        {
            var output = java.StandardOutput.ReadToEndAsync(cancellation);
            var errors = java.StandardError.ReadToEndAsync(cancellation);
            await java.WaitForExitAsync(cancellation);
            Assert.True(java.ExitCode == 0, await errors);
            return await output;
        }
        finally
        {
            if (!java.HasExited)
                java.Kill(entireProcessTree: true);
        }
    }

    private static string? FindJars()
    {
        var metadata = typeof(KafkaReadsOursTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>();
        var root = metadata.Single(entry => entry.Key == "RepositoryRoot").Value!;
        for (var folder = new DirectoryInfo(root).Parent; folder is not null; folder = folder.Parent)
        {
            var jars = Path.Combine(folder.FullName, "shared", "kafka", "4.3");
            if (Directory.Exists(jars))
                return jars;
        }

        return null;
    }

    private static bool HasJava() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "java")) || File.Exists(Path.Combine(folder, "java.exe")));
}
