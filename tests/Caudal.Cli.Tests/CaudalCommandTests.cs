using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Caudal.Cli.Tests;

public partial class CaudalCommandTests
{
    private static readonly string Root = typeof(CaudalCommandTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
        a => a.Key == "RepositoryRoot").Value!;

    public static TheoryData<string> AllCommands => [.. Walk(Tree(), "").Select(entry => entry.Path)];

    [Theory]
    [InlineData("README.md")]
    [InlineData("README.pt-BR.md")]
    public void Every_command_that_the_readme_names_exists(string document)
    {
        var paths = Walk(Tree(), "").Select(entry => entry.Path).ToHashSet();

        var named = CommandNames().Matches(
            File.ReadAllText(Path.Combine(Root, document))).Select(match => match.Groups[1].Value.Trim()).Distinct().ToList();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, paths));
    }

    [Theory]
    [MemberData(nameof(AllCommands))]
    public async Task Every_command_has_help(string path)
    {
        var result = (await CommandLine.RunAsync([.. path.Split(' '), "--help"])).Succeeded();

        Assert.Contains("Usage:", result.Out);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void Every_command_that_does_something_shows_an_example()
    {
        var without = Walk(Tree(), "").Where(
            entry =>
                entry.Command.Subcommands.Count == 0
                    && !entry.Command.Description!.Contains("\nExample: caudal " + entry.Path, StringComparison.Ordinal)
            && !entry.Command.Description!.Contains("| caudal " + entry.Path, StringComparison.Ordinal)).Select(entry => entry.Path);

        Assert.Empty(without);
    }

    [Theory]
    [MemberData(nameof(AllCommands))]
    public async Task An_option_that_is_not_known_is_refused_by_name(string path)
    {
        var result = (await CommandLine.RunAsync([.. path.Split(' '), "--no-such-option"])).Failed(CaudalCommand.WrongUse);

        Assert.True(
            result.Error.Contains("--no-such-option", StringComparison.Ordinal)
                || result.Error.Contains("Required", StringComparison.OrdinalIgnoreCase)
                || result.Error.Contains("exactly one", StringComparison.OrdinalIgnoreCase),
            result.Error);
        Assert.Contains($"Try 'caudal {path} --help'", result.Error);
    }

    [Fact]
    public async Task The_version_is_told() =>
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", (await CommandLine.RunAsync("--version")).Succeeded().Out);

    [Theory]
    [InlineData("topic", "list")]
    [InlineData("group", "list")]
    [InlineData("produce", "t")]
    [InlineData("consume", "t")]
    [InlineData("perf", "consume", "--topic", "t")]
    public async Task A_broker_that_cannot_be_reached_is_an_error_that_says_what_to_do(params string[] args)
    {
        var address = $"127.0.0.1:{UnusedPort()}";

        var result = (await CommandLine.RunAsync(["-b", address, .. args])).Failed();

        Assert.Equal(
            $"caudal: cannot reach {address}: connection refused. Is the broker running? Start one with 'caudal broker'.\n", result.Error);
    }

    [Theory]
    [InlineData("kafka-topics", "--list")]
    [InlineData("kafka-console-producer", "--topic", "t")]
    [InlineData("kafka-console-consumer", "--topic", "t")]
    public async Task Kafkas_tools_say_it_too(params string[] args)
    {
        var result = (await CommandLine.RunAsync([args[0], "--bootstrap-server", $"127.0.0.1:{UnusedPort()}", .. args[1..]])).Failed();

        Assert.Contains("connection refused", result.Error);
    }

    [Fact]
    public async Task An_address_that_is_none_is_wrong_use() =>
        Assert.Contains(
            "bootstrap.servers", (await CommandLine.RunAsync("topic", "list", "-b", "nonsense")).Failed(CaudalCommand.WrongUse).Error);

    [Fact]
    public async Task A_cluster_option_before_a_command_of_its_own_broker_is_refused() =>
        Assert.Contains(
            "--bootstrap-server",
            (await CommandLine.RunAsync("-b", "localhost:1", "broker", "--memory")).Failed(CaudalCommand.WrongUse).Error);

    [Theory]
    [InlineData("There is no 'toppic' here.", "toppic", "list")]
    [InlineData("'none' for option '--partitions': it is a whole number.", "topic", "create", "t", "-p", "none")]
    [InlineData("There is no 'maybe' here.", "perf", "produce", "--topic", "t", "--idempotent", "maybe")]
    [InlineData("--bootstrap-server before 'orders'", "-b", "localhost:1", "demo", "orders")]
    public async Task Wrong_use_is_explained_in_the_words_of_a_user(string expected, params string[] args) =>
        Assert.Contains(expected, (await CommandLine.RunAsync(args)).Failed(CaudalCommand.WrongUse).Error);

    [Fact]
    public async Task Properties_that_are_not_supported_are_named()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "sasl.mechanism=PLAIN\n", TestContext.Current.CancellationToken);
        try
        {
            var result = (await CommandLine.RunAsync("topic", "list", "--command-config", file)).Failed(CaudalCommand.WrongUse);

            Assert.Contains("sasl.mechanism", result.Error);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static RootCommand Tree() =>
        CaudalCommand.Create(new Terminal(TextReader.Null, TextWriter.Null, TextWriter.Null, IsInteractive: false));

    private static IEnumerable<(string Path, Command Command)> Walk(Command command, string prefix) =>
        command.Subcommands.SelectMany(child => Walk(child, $"{prefix}{child.Name} ").Prepend(($"{prefix}{child.Name}", child)));

    private static int UnusedPort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    // The words behind `caudal` up to the first option or argument, which start with another sign or a capital letter.
    [GeneratedRegex(@"`caudal((?: [a-z][a-z-]*)+)")]
    private static partial Regex CommandNames();
}
