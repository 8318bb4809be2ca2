using System.Reflection;

namespace Caudal.Cli.Tests.Kafka;

/// <summary>Kafka's own tools and ours print the same. Needs <c>java</c> and Kafka's tools; on CI their absence is a failure.</summary>
public class KafkaAgreementTests(BrokerFixture broker)
{
    private static readonly string[] Everything =
    [
        .. new[] { "timestamp", "partition", "offset", "epoch", "headers", "key" }.SelectMany(
            field => new[] { "--formatter-property", $"print.{field}=true" }),
    ];

    [Fact]
    public async Task Kafkas_tools_print_the_same()
    {
        var topic = broker.NewName("agreement");
        (await broker.KafkaAsync("topics", "--create", "--topic", topic, "--config", "retention.ms=7200000")).Succeeded();
        string[] parsing =
        [
            "--topic", topic, "--reader-property", "parse.key=true", "--reader-property", "parse.headers=true", "--reader-property",
            "null.marker=NULL",
        ];
        (await broker.KafkaTypeAsync("h1:v1,h2:NULL\tk1\tágua\nNULL\tNULL\t\n", "console-producer", parsing)).Succeeded();
        (await RunKafkaAsync("h1:v1\tk2\tfrom kafka\n", "console-producer", parsing)).Succeeded();

        await AgreeAsync("topics", "--describe", "--topic", topic);
        await AgreeAsync("topics", "--create", "--topic", topic);
        await AgreeAsync("console-consumer", ["--topic", topic, "--from-beginning", "--max-messages", "3", .. Everything]);
    }

    private async Task AgreeAsync(string tool, params string[] args)
    {
        var theirs = await RunKafkaAsync("", tool, args);
        var ours = await broker.KafkaAsync(tool, args);

        Assert.Equal(theirs.Out, ours.Out);
        Assert.Equal(theirs.ExitCode, ours.ExitCode);
    }

    private async Task<CommandResult> RunKafkaAsync(string input, string tool, params string[] args)
    {
        using var process = RunningProcess.Start(FindTools(), [tool, "--bootstrap-server", broker.Bootstrap, .. args]);
        return await process.CompleteAsync(input);
    }

    private static string FindTools()
    {
        var root = typeof(KafkaAgreementTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            a => a.Key == "RepositoryRoot").Value!;
        var hasJava = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(
            folder => File.Exists(Path.Combine(folder, "java")));
        for (var folder = new DirectoryInfo(root).Parent; folder is not null && hasJava; folder = folder.Parent)
        {
            var tools = Path.Combine(folder.FullName, "shared", "kafka", "kafka");
            if (File.Exists(tools))
                return tools;
        }

        const string Missing = "java or Kafka's tools (shared/kafka beside the repository) are missing";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Missing);
        Assert.Skip(Missing);
        return "";
    }
}
