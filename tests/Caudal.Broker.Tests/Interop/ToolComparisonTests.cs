using System.Globalization;
using System.Text.RegularExpressions;
using Caudal.Broker.Tests.Support;

namespace Caudal.Broker.Tests.Interop;

/// <summary>
/// Kafka's own tools and its own Admin against Apache Kafka and against the embedded broker: what they print is the same, ids, times,
/// addresses and directories aside, and aside from what is listed here with its reason.
/// </summary>
/// <remarks>Minutes of Java, so a command of its own (CONTRIBUTING.md). Each has its own Kafka: quotas and settings stay with it.</remarks>
public sealed partial class ToolComparisonTests
{
    private const string NoSuchSettings = "client metrics and loggers have no settings here";
    private const string Features = "features of later issues are not offered";

    // By title. What is told here at all is not compared.
    private static readonly Dictionary<string, string> Different = new(StringComparer.Ordinal)
    {
        ["broker alter unknown"] = "Kafka keeps settings that do not exist",
        ["big"] = "the message says which limit, and how large the batch is",
        ["list resources"] = NoSuchSettings,
        ["list resources 2"] = NoSuchSettings,
        ["list resources group"] = NoSuchSettings,
        ["metrics cfg"] = NoSuchSettings,
        ["metrics cfg described"] = NoSuchSettings,
        ["logger cfg"] = NoSuchSettings,
        ["features"] = Features,
        ["features up"] = Features,
        ["update feature high"] = Features,
        ["update feature same"] = Features,
        ["tokens"] = "there are no delegation tokens",
        ["token create"] = "there are no delegation tokens",
        ["unregister"] = "nodes do not come and go",
        ["add voter"] = "there is no quorum to join",
        ["api versions"] = "older clients are served, newer groups are not: compared by itself",
        ["topics describe overrides"] = "for Kafka min.insync.replicas is an override, see Normalize",
        ["verifiable consumer"] = "how records fall into polls is chance: compared by their number",
        ["consumer perf"] = "times: compared by the number of records",
        ["quorum"] = "compared by the shape of the answer",
        ["quorum replication"] = "the journal has other offsets",
    };

    [Fact(Explicit = true)]
    public async Task Kafkas_tools_print_the_same()
    {
        KafkaTools.Require();
        var (ours, theirs) = await RunAsync("ToolRuns.java");

        AssertSame(theirs, ours);
        Assert.All(new[] { ours, theirs }, told =>
        {
            Assert.Equal(20, Consumed().Matches(told["verifiable consumer"]).Sum(match => Number(match.Groups[1])));
            Assert.Contains(", 2000, ", told["consumer perf"], StringComparison.Ordinal);
            Assert.Contains("Percentiles: 50th = ", told["e2e latency"], StringComparison.Ordinal);
        });
        var known = ApiRanges(theirs["api versions"]);
        Assert.All(ApiRanges(ours["api versions"]), api =>
        {
            Assert.Equal(known[api.Key].Max, api.Value.Max);
            Assert.True(api.Value.Min <= known[api.Key].Min, $"{api.Key}: {api.Value.Min} is above Kafka's {known[api.Key].Min}.");
        });
    }

    [Fact(Explicit = true)]
    public async Task Kafkas_Admin_is_answered_the_same()
    {
        KafkaTools.Require();
        var (ours, theirs) = await RunAsync("AdminAnswers.java");

        AssertSame(theirs, ours);
    }

    private static void AssertSame(Dictionary<string, string> theirs, Dictionary<string, string> ours)
    {
        Assert.True(theirs.Count > 50, $"Only {theirs.Count} answers came from Kafka.");
        var differences = theirs
            .Where(told => !Different.ContainsKey(told.Key) && ours.GetValueOrDefault(told.Key) != told.Value)
            .Select(told => $"{told.Key}\nKafka:  {told.Value}\nCaudal: {ours.GetValueOrDefault(told.Key)}\n")
            .ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static async Task<(Dictionary<string, string> Ours, Dictionary<string, string> Theirs)> RunAsync(string program)
    {
        await using var kafka = new KafkaServer();
        await kafka.InitializeAsync();
        using var directory = new TemporaryDirectory();
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Directory = Path.Combine(directory.Path, "data") });
        var ours = Path.Combine(directory.Path, "ours.txt");
        var theirs = Path.Combine(directory.Path, "theirs.txt");
        var printed = await Task.WhenAll(
            KafkaTools.RunJavaAsync(program, broker.BootstrapServers, ours),
            KafkaTools.RunJavaAsync(program, kafka.BootstrapServers, theirs));
        Assert.True(File.Exists(ours) && File.Exists(theirs), string.Join('\n', printed));
        return (Read(ours, broker.BootstrapServers), Read(theirs, kafka.BootstrapServers));
    }

    private static Dictionary<string, string> Read(string file, string address)
    {
        var sections = File.ReadAllText(file).Split("== ", StringSplitOptions.RemoveEmptyEntries);
        return sections
            .Select(section => section.Split('\n', 2))
            .ToDictionary(section => section[0], section => Order(section[0], Normalize(section[1], address)), StringComparer.Ordinal);
    }

    // Two partitions come in either order (the tools hold them in a map without one), and a slow producer tells more than once how far
    // it is.
    private static string Order(string title, string text) => title switch
    {
        "console consumer" or "delete records" => string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal)),
        "producer perf" => text[(text.LastIndexOf('\n') + 1)..],
        _ => text,
    };

    private static string Normalize(string text, string address)
    {
        text = text.Replace(address, "BROKER", StringComparison.Ordinal).Replace(address.Split(':')[1], "PORT", StringComparison.Ordinal);
        text = Line().Replace(text, "");
        text = Id().Replace(text, "ID");
        text = Time().Replace(text, "TIME");
        text = Folder().Replace(text, "FOLDER");
        text = Rate().Replace(text, "RATE");
        // Kafka finalizes eligible leader replicas, which sets this for all brokers.
        text = text.Replace("DYNAMIC_DEFAULT_BROKER_CONFIG:min.insync.replicas=1, ", "", StringComparison.Ordinal)
            .Replace("replicas=1 DYNAMIC_DEFAULT_BROKER_CONFIG", "replicas=1 DEFAULT_CONFIG", StringComparison.Ordinal)
            .Replace("(name=min.insync.replicas, value=1, source=DYNAMIC_DEFAULT_BROKER_CONFIG), ", "", StringComparison.Ordinal);
        return MinInSync().Replace(text, "Configs: ").TrimEnd();
    }

    private static Dictionary<string, (int Min, int Max)> ApiRanges(string text) => Api().Matches(text).ToDictionary(
        match => match.Groups["name"].Value,
        match => (Number(match.Groups["min"]), Number(match.Groups["max"] is { Success: true } max ? max : match.Groups["min"])));

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    // Warnings, and the stack traces of what failed as it should: lines of code are not what is compared.
    [GeneratedRegex(
        @"^(\s+at |\t\.\.\. |ERROR|WARN|Caused by:|org\.apache\.kafka\.common\.errors|java\.util\.concurrent).*\n",
        RegexOptions.Multiline)]
    private static partial Regex Line();

    // An id has 22 characters; so have the names of some APIs, which a bracket follows.
    [GeneratedRegex(@"(?<![\w-])[\w-]{22}(?![\w(-])|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex(@"(?<![.,\d])\d{13,}|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[:.,]\d{3}")]
    private static partial Regex Time();

    [GeneratedRegex(@"/[\w./-]*caudal-broker-[\w./-]*")]
    private static partial Regex Folder();

    [GeneratedRegex(@"\d+[.,]\d+|-?\d+ ms|(?<=th = )\d+|totalBytes"":\d+|usableBytes"":\d+")]
    private static partial Regex Rate();

    [GeneratedRegex(@"""records_consumed"",""count"":(\d+)")]
    private static partial Regex Consumed();

    [GeneratedRegex(@"Configs: min\.insync\.replicas=1,?")]
    private static partial Regex MinInSync();

    [GeneratedRegex(@"(?<name>\w+)\(\d+\): (?<min>\d+)( to (?<max>\d+))? \[usable")]
    private static partial Regex Api();
}
