using System.Text.Json;

namespace Caudal.Cli.Tests.Commands;

public class ProduceAndConsumeTests(BrokerFixture broker)
{
    [Fact]
    public async Task Lines_become_records_and_records_lines()
    {
        var topic = await NewTopicAsync(1);

        var produced = (await broker.TypeAsync("one\ntwo\n\nágua\n", "produce", topic)).Succeeded();
        var consumed = (await broker.RunAsync("consume", topic, "-e")).Succeeded();

        Assert.Equal($"4 records to {topic}\n", produced.Out);
        Assert.Equal("one\ntwo\n\nágua\n", consumed.Out);
    }

    [Fact]
    public async Task Keys_headers_and_partitions_arrive()
    {
        var topic = await NewTopicAsync(3);
        (await broker.TypeAsync(
                "ana|1|2\n", "produce", topic, "--key-separator", "|", "-H", "version=1.0", "-H", "empty=", "-p", "2")).Succeeded();
        (await broker.TypeAsync("3\n", "produce", topic, "-k", "bia", "-p", "1")).Succeeded();
        (await broker.TypeAsync("4\n", "produce", topic, "-p", "0")).Succeeded();

        var consumed = (await broker.RunAsync("consume", topic, "-e", "-f", @"%p@%o %K %k=%v [%h]\n")).Succeeded();

        Assert.Equal(["0@0 -1 =4 []", "1@0 3 bia=3 []", "2@0 3 ana=1|2 [version=1.0,empty=]"], consumed.Lines.Order());
    }

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task Every_codec_round_trips(string codec)
    {
        var topic = await NewTopicAsync(1);
        var lines = string.Concat(Enumerable.Range(0, 2000).Select(i => $"line {i}\n"));

        (await broker.TypeAsync(lines, "produce", topic, "-z", codec)).Succeeded();

        Assert.Equal(lines, (await broker.RunAsync("consume", topic, "-e")).Succeeded().Out);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("all")]
    public async Task Every_kind_of_acknowledgement_delivers(string acks)
    {
        var topic = await NewTopicAsync(1);

        (await broker.TypeAsync("x\n", "produce", topic, "--acks", acks)).Succeeded();

        Assert.Equal("x\n", (await broker.RunAsync("consume", topic, "-n", "1")).Succeeded().Out);
    }

    [Theory]
    [InlineData("beginning", "0123456789")]
    [InlineData("end", "")]
    [InlineData("7", "789")]
    [InlineData("-3", "789")]
    [InlineData("-100", "0123456789")]
    public async Task Consuming_starts_where_it_is_told_to(string offset, string expected)
    {
        var topic = await NewTopicAsync(1);
        (await broker.TypeAsync("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", "produce", topic)).Succeeded();

        Assert.Equal(expected, (await broker.RunAsync("consume", topic, "-o", offset, "-e", "-f", "%v")).Succeeded().Out);
    }

    [Fact]
    public async Task A_count_ends_it_in_the_middle_of_a_batch()
    {
        var topic = await NewTopicAsync(1);
        (await broker.TypeAsync("a\nb\nc\n", "produce", topic)).Succeeded();

        Assert.Equal("a\nb\n", (await broker.RunAsync("consume", topic, "-n", "2")).Succeeded().Out);
    }

    [Fact]
    public async Task Several_topics_are_read_together()
    {
        var (first, second) = (await NewTopicAsync(1), await NewTopicAsync(1));
        (await broker.TypeAsync("a\n", "produce", first)).Succeeded();
        (await broker.TypeAsync("b\n", "produce", second)).Succeeded();

        var consumed = (await broker.RunAsync("consume", first, second, "-e", "-f", @"%t %v\n")).Succeeded();

        Assert.Equal(new[] { $"{first} a", $"{second} b" }.Order(), consumed.Lines.Order());
    }

    [Fact]
    public async Task A_group_goes_on_exactly_where_it_stopped()
    {
        var topic = await NewTopicAsync(1);
        var group = broker.NewName("group");
        (await broker.TypeAsync("a\nb\nc\n", "produce", topic)).Succeeded();

        var first = (await broker.RunAsync("consume", topic, "-g", group, "-n", "2")).Succeeded();
        var second = (await broker.RunAsync("consume", topic, "-g", group, "-e")).Succeeded();

        Assert.Equal("a\nb\n", first.Out);
        Assert.Equal("c\n", second.Out);
    }

    [Fact]
    public async Task Json_shows_what_was_written()
    {
        var topic = await NewTopicAsync(1);

        var produced = (await broker.TypeAsync("k=v\nk=w\n", "produce", topic, "--key-separator", "=", "--json")).Succeeded();
        var consumed = (await broker.RunAsync("consume", topic, "-e", "--json")).Succeeded();

        Assert.Equal([0, 1], produced.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("offset").GetInt64()));
        Assert.Equal(["v", "w"], consumed.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("value").GetString()));
    }

    [Fact]
    public async Task A_file_is_read_instead_of_standard_input()
    {
        var topic = await NewTopicAsync(1);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "from a file\n", TestContext.Current.CancellationToken);

        (await broker.RunAsync("produce", topic, "--file", file)).Succeeded();
        File.Delete(file);

        Assert.Equal("from a file\n", (await broker.RunAsync("consume", topic, "-e")).Succeeded().Out);
    }

    [Fact]
    public async Task A_cancelled_consumer_ends_in_order()
    {
        var topic = await NewTopicAsync(1);
        (await broker.TypeAsync("a\n", "produce", topic)).Succeeded();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var output = new SignallingWriter("a\n");

        var running = CaudalCommand.RunAsync(
            [
                "consume", topic, "-b", broker.Bootstrap, "-g", broker.NewName("group")],
                new Terminal(TextReader.Null, output, TextWriter.Null, IsInteractive: false), stop.Token);
        await output.Seen.WaitAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        Assert.Equal(0, await running);
    }

    [Fact]
    public async Task A_line_without_its_separator_is_an_error_that_names_it() =>
        Assert.Contains(
            "line number 2: 'nokey'",
            (await broker.TypeAsync("k=v\nnokey\n", "produce", await NewTopicAsync(1), "--key-separator", "=")).Failed().Error);

    [Fact]
    public async Task A_partition_that_does_not_exist_is_an_error() =>
        Assert.Contains("no 7", (await broker.RunAsync("consume", await NewTopicAsync(2), "-p", "7")).Failed().Error);

    [Fact]
    public async Task A_topic_that_does_not_exist_is_an_error() =>
        Assert.Contains(
            "'nobody' does not exist. Create it with 'caudal topic create nobody'.",
            (await broker.RunAsync("consume", "nobody")).Failed().Error);

    [Theory]
    [InlineData("produce", "t", "-k", "a", "--key-separator", "=")]
    [InlineData("produce", "t", "-z", "rar")]
    [InlineData("produce", "t", "--acks", "2")]
    [InlineData("produce", "t", "-H", "novalue")]
    [InlineData("produce", "t", "--file", "/no/such/file")]
    [InlineData("produce")]
    [InlineData("consume")]
    [InlineData("consume", "t", "-n", "0")]
    [InlineData("consume", "t", "-o", "middle")]
    [InlineData("consume", "t", "-f", "%q")]
    [InlineData("consume", "t", "-f", "%v", "--json")]
    [InlineData("consume", "t", "-g", "g", "-o", "end")]
    public async Task Wrong_use_is_refused_with_one_line(params string[] args) =>
        Assert.NotEmpty((await CommandLine.RunAsync([.. args, "-b", broker.Bootstrap])).Failed(CaudalCommand.WrongUse).Error);

    private async Task<string> NewTopicAsync(int partitions)
    {
        var topic = broker.NewName();
        (await broker.RunAsync("topic", "create", topic, "-p", $"{partitions}")).Succeeded();
        return topic;
    }
}
