namespace Caudal.Cli.Tests.Kafka;

/// <summary>The expected texts were printed by Kafka 4.3.1.</summary>
public class KafkaToolsTests(BrokerFixture broker)
{
    private const string Warning =
        "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it " +
        "is best to use either, but not both.\n";

    [Fact]
    public async Task A_topic_is_created_listed_altered_described_and_deleted()
    {
        var topic = broker.NewName();

        Assert.Equal(
            $"Created topic {topic}.\n",
            (await TopicsAsync("--create", "--topic", topic, "--partitions", "2", "--config", "retention.ms=1000")).Succeeded().Out);
        Assert.Contains(topic, (await TopicsAsync("--list")).Succeeded().Lines);
        Assert.Equal("", (await TopicsAsync("--alter", "--topic", topic, "--partitions", "3")).Succeeded().Out);
        var described = (await TopicsAsync("--describe", "--topic", topic)).Succeeded();
        Assert.Equal("", (await TopicsAsync("--delete", "--topic", topic)).Succeeded().Out);
        Assert.DoesNotContain(topic, (await TopicsAsync("--list")).Succeeded().Lines);

        Assert.Matches(
            $"^Topic: {topic}\tTopicId: [A-Za-z0-9_-]{{22}}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: " +
            "(.*,)?retention.ms=1000(,.*)?$",
            described.Lines[0]);
        Assert.Equal($"\tTopic: {topic}\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: ", described.Lines[1]);
        Assert.Equal(4, described.Lines.Length);
    }

    [Fact]
    public async Task A_name_with_a_dot_gets_kafkas_warning()
    {
        var topic = broker.NewName() + ".x";

        Assert.Equal($"{Warning}Created topic {topic}.\n", (await TopicsAsync("--create", "--topic", topic)).Succeeded().Out);
    }

    [Fact]
    public async Task A_topic_that_exists_may_exist_if_it_is_said()
    {
        var topic = broker.NewName();
        (await TopicsAsync("--create", "--topic", topic)).Succeeded();

        Assert.Equal(
            $"Error while executing topic command : Topic '{topic}' already exists.\n",
            (await TopicsAsync("--create", "--topic", topic)).Failed().Out);
        Assert.Equal("", (await TopicsAsync("--create", "--topic", topic, "--if-not-exists")).Succeeded().Out);
    }

    [Theory]
    [InlineData("--describe")]
    [InlineData("--delete")]
    [InlineData("--alter", "--partitions", "2")]
    public async Task A_topic_that_does_not_exist_may_be_missing_if_it_is_said(params string[] action)
    {
        var missing = await TopicsAsync([.. action, "--topic", "nosuch"]);
        var permitted = await TopicsAsync([.. action, "--topic", "nosuch", "--if-exists"]);

        Assert.Equal("Error while executing topic command : Topic 'nosuch' does not exist as expected\n", missing.Failed().Out);
        Assert.Equal("", permitted.Succeeded().Out);
    }

    [Fact]
    public async Task A_pattern_selects_topics()
    {
        var topic = broker.NewName("pattern");
        (await TopicsAsync("--create", "--topic", topic)).Succeeded();

        Assert.Equal([topic], (await TopicsAsync("--list", "--topic", "pat.*" + topic["pattern".Length..])).Succeeded().Lines);
    }

    [Fact]
    public async Task Only_topics_with_settings_of_their_own_are_described_if_that_is_asked()
    {
        var topic = broker.NewName();
        (await TopicsAsync("--create", "--topic", topic, "--config", "retention.ms=5000")).Succeeded();

        var described = (await TopicsAsync("--describe", "--topics-with-overrides", "--topic", topic)).Succeeded();

        Assert.Contains("retention.ms=5000", Assert.Single(described.Lines));
        Assert.Equal("", (await TopicsAsync("--describe", "--under-replicated-partitions")).Succeeded().Out);
    }

    [Theory]
    [InlineData("exactly one action", "--create", "--list")]
    [InlineData("exactly one action", "--topic", "t")]
    [InlineData("Missing required argument \"[topic]\"", "--create")]
    [InlineData("Option \"[partitions]\" can't be used with option \"[describe]\"", "--describe", "--topic", "t", "--partitions", "3")]
    [InlineData("--replica-assignment", "--create", "--topic", "t", "--replica-assignment", "0:1")]
    public async Task Wrong_use_of_topics_is_refused_with_one_line(string expected, params string[] args) =>
        Assert.Contains(expected, (await TopicsAsync(args)).Failed(CaudalCommand.WrongUse).Error);

    [Fact]
    public async Task The_producer_reads_lines_as_kafkas_does_and_the_consumer_shows_them_as_kafkas_does()
    {
        var topic = broker.NewName();
        (await TopicsAsync("--create", "--topic", topic)).Succeeded();
        Assert.Equal("", (await ProduceAsync("hello\n\nlast", "--topic", topic)).Succeeded().Out);
        Assert.Equal("", (await ProduceAsync(
            "h1:v1,h2:v2\tk1\tval1\nh1:v1\tk2\tNULL\nNULL\tNULL\tval3\n",
            "--topic", topic, "--reader-property", "parse.key=true", "--reader-property", "parse.headers=true", "--reader-property",
            "null.marker=NULL")).Succeeded().Out);

        var plain = await ConsumeAsync("--topic", topic, "--from-beginning", "--timeout-ms", "500");
        var detailed = await ConsumeAsync(
            "--topic", topic, "--partition", "0", "--offset", "3", "--max-messages", "3", "--formatter-property", "print.key=true",
            "--formatter-property", "print.headers=true",
            "--formatter-property", "print.offset=true", "--formatter-property", "print.partition=true");

        Assert.Equal("hello\n\nlast\nval1\nnull\nval3\n", plain.Succeeded().Out);
        Assert.Equal("Processed a total of 6 messages\n", plain.Error);
        Assert.Equal(
            "Partition:0\tOffset:3\th1:v1,h2:v2\tk1\tval1\n" +
            "Partition:0\tOffset:4\th1:v1\tk2\tnull\n" +
            "Partition:0\tOffset:5\tNO_HEADERS\tnull\tval3\n",
            detailed.Succeeded().Out);
    }

    [Fact]
    public async Task A_group_goes_on_where_it_stopped()
    {
        var topic = broker.NewName();
        var group = broker.NewName("group");
        (await ProduceAsync("a\nb\nc\nd\n", "--topic", topic)).Succeeded();

        var first = await ConsumeAsync("--topic", topic, "--group", group, "--from-beginning", "--max-messages", "2");
        var second = await ConsumeAsync("--topic", topic, "--group", group, "--from-beginning", "--max-messages", "2");

        Assert.Equal("a\nb\n", first.Succeeded().Out);
        Assert.Equal("c\nd\n", second.Succeeded().Out);
    }

    [Fact]
    public async Task Old_names_of_flags_work_and_are_warned_of()
    {
        var topic = broker.NewName();

        var produced = await ProduceAsync("k=v\n", "--topic", topic, "--property", "parse.key=true", "--property", "key.separator==");
        var consumed = await ConsumeAsync("--topic", topic, "--from-beginning", "--max-messages", "1", "--property", "print.key=true");

        Assert.Equal(
            "Warning: --property is deprecated and will be removed in a future version. Use --reader-property instead.\n",
            produced.Succeeded().Out);
        Assert.Equal(
            "Option --property is deprecated and will be removed in a future version. Use --formatter-property instead.\nk\tv\n",
            consumed.Succeeded().Out);
    }

    [Fact]
    public async Task Codecs_and_producer_settings_are_taken()
    {
        var topic = broker.NewName();

        (await ProduceAsync(
                "a\n", "--topic", topic, "--compression-codec", "zstd", "--request-required-acks", "1", "--sync", "--producer-property",
                "linger.ms=1")).Succeeded();
        (await ProduceAsync("b\n", "--topic", topic, "--compression-codec")).Succeeded();

        Assert.Equal("a\nb\n", (await ConsumeAsync("--topic", topic, "--from-beginning", "--max-messages", "2")).Succeeded().Out);
    }

    [Theory]
    [InlineData("Exactly one of the following arguments is required: [topic], [include]")]
    [InlineData("Exactly one of the following arguments is required: [topic], [include]", "--topic", "a", "--include", "b")]
    [InlineData("The partition is required when offset is specified.", "--topic", "t", "--offset", "3")]
    [InlineData(
            "Options from-beginning and offset cannot be specified together.", "--topic", "t", "--offset", "3", "--partition", "0",
            "--from-beginning")]
    [InlineData(
            "The provided offset value '-1' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.", "--topic", "t",
            "--partition", "0", "--offset", "-1")]
    [InlineData("print.nothing", "--topic", "t", "--property", "print.nothing=true")]
    [InlineData("--formatter com.example.Formatter", "--topic", "t", "--formatter", "com.example.Formatter")]
    [InlineData("--enable-systest-events", "--topic", "t", "--enable-systest-events")]
    [InlineData("ssl.truststore.location", "--topic", "t", "--consumer-property", "ssl.truststore.location=x")]
    public async Task Wrong_use_of_the_consumer_is_refused(string expected, params string[] args)
    {
        var result = await ConsumeAsync(args);

        Assert.Equal(CaudalCommand.WrongUse, result.ExitCode);
        Assert.Contains(expected, result.Error);
    }

    [Theory]
    [InlineData("--topic")]
    [InlineData("parse.nothing", "--topic", "t", "--reader-property", "parse.nothing=true")]
    [InlineData("compression.type is 'bogus'", "--topic", "t", "--compression-codec", "bogus")]
    [InlineData("--line-reader com.example.Reader", "--topic", "t", "--line-reader", "com.example.Reader")]
    [InlineData("--socket-buffer-size", "--topic", "t", "--socket-buffer-size", "1")]
    public async Task Wrong_use_of_the_producer_is_refused(string expected, params string[] args)
    {
        var result = await ProduceAsync("x\n", args);

        Assert.Equal(CaudalCommand.WrongUse, result.ExitCode);
        Assert.Contains(expected, result.Error);
    }

    [Theory]
    [InlineData("topics")]
    [InlineData("console-producer")]
    [InlineData("console-consumer")]
    public async Task The_version_is_kafkas(string tool) =>
        Assert.Equal("4.3.1\n", (await CommandLine.RunAsync($"kafka-{tool}", "--version")).Succeeded().Out);

    private Task<CommandResult> TopicsAsync(params string[] args) => broker.KafkaAsync("topics", args);

    private Task<CommandResult> ProduceAsync(string input, params string[] args) => broker.KafkaTypeAsync(input, "console-producer", args);

    private Task<CommandResult> ConsumeAsync(params string[] args) => broker.KafkaAsync("console-consumer", args);
}
