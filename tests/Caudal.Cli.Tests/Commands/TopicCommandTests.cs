using System.Text.Json;

namespace Caudal.Cli.Tests.Commands;

public class TopicCommandTests(BrokerFixture broker)
{
    [Fact]
    public async Task A_topic_is_created_listed_described_and_deleted()
    {
        var topic = broker.NewName();

        var created = (await broker.RunAsync("topic", "create", topic, "-p", "3", "-c", "retention.ms=1000")).Succeeded();
        var listed = (await broker.RunAsync("topic", "list")).Succeeded();
        var described = (await broker.RunAsync("topic", "describe", topic)).Succeeded();
        var deleted = (await broker.RunAsync("topic", "delete", topic)).Succeeded();

        Assert.Equal($"created {topic} (3 partitions)\n", created.Out);
        Assert.Contains(topic, listed.Lines);
        Assert.Contains("  retention.ms=1000", described.Lines);
        Assert.Equal(
            3, described.Lines.Count(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "1", "1", "1", "0", "0"]));
        Assert.Equal($"deleted {topic}\n", deleted.Out);
        Assert.DoesNotContain(topic, (await broker.RunAsync("topic", "list")).Out);
    }

    [Fact]
    public async Task Several_topics_are_created_at_once()
    {
        var (first, second) = (broker.NewName(), broker.NewName());

        (await broker.RunAsync("topic", "create", first, second, "-p", "1", "-r", "1")).Succeeded();

        Assert.Equal(
            2,
            (await broker.RunAsync("topic", "describe", first, second)).Succeeded().Lines.Count(
                line => line.StartsWith("PARTITION", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Json_has_all_details()
    {
        var topic = broker.NewName();
        var created = (await broker.RunAsync("topic", "create", topic, "-p", "2", "--json")).Succeeded();
        Assert.Equal($$"""{"name":"{{topic}}","partitions":2,"outcome":"created"}""" + "\n", created.Out);

        var described = Assert.Single(
            JsonDocument.Parse((await broker.RunAsync("topic", "describe", topic, "--json")).Succeeded().Out).RootElement.EnumerateArray());
        var listed = JsonDocument.Parse((await broker.RunAsync("topic", "list", "--json")).Succeeded().Out).RootElement.EnumerateArray();

        Assert.Equal(2, described.GetProperty("partitionDetails").GetArrayLength());
        Assert.Equal(22, described.GetProperty("topicId").GetString()!.Length);
        Assert.Contains(listed, t => t.GetProperty("name").GetString() == topic && t.GetProperty("partitions").GetInt32() == 2);
    }

    [Fact]
    public async Task A_topic_that_exists_is_an_error_unless_it_may()
    {
        var topic = broker.NewName();
        (await broker.RunAsync("topic", "create", topic)).Succeeded();

        Assert.Contains(topic, (await broker.RunAsync("topic", "create", topic)).Failed().Error);
        Assert.Equal($"exists {topic}\n", (await broker.RunAsync("topic", "create", topic, "--if-not-exists")).Succeeded().Out);
    }

    [Theory]
    [InlineData("describe")]
    [InlineData("delete")]
    public async Task A_topic_that_does_not_exist_is_an_error_that_names_it(string action) =>
        Assert.Contains("'no-such-topic' does not exist", (await broker.RunAsync("topic", action, "no-such-topic")).Failed().Error);

    [Fact]
    public async Task Deleting_need_not_find_anything() =>
        Assert.Equal("missing no-such-topic\n", (await broker.RunAsync("topic", "delete", "no-such-topic", "--if-exists")).Succeeded().Out);

    [Theory]
    [InlineData(2, "-p", "0")]
    [InlineData(2, "-p", "many")]
    [InlineData(2, "-r", "0")]
    [InlineData(2, "-c", "retention.ms")]
    [InlineData(1, "-c", "no.such.config=1")]
    public async Task Bad_values_are_refused_with_one_line(int exitCode, params string[] args) =>
        Assert.NotEmpty((await broker.RunAsync(["topic", "create", broker.NewName(), .. args])).Failed(exitCode).Error);
}
