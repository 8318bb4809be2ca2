using System.Text.Json;

namespace Caudal.Cli.Tests.Commands;

public class GroupCommandTests(BrokerFixture broker)
{
    [Fact]
    public async Task A_group_without_members_shows_its_offsets_and_lag()
    {
        var (topic, group) = await ReadTwoOfThreeAsync();

        var described = (await broker.RunAsync("group", "describe", group)).Succeeded();

        Assert.StartsWith(
            "GROUP           TOPIC           PARTITION CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            " +
            "CLIENT-ID",
            described.Out);
        Assert.Contains(
            described.Lines,
            line =>
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries).SequenceEqual([group, topic, "0", "2", "3", "1", "-", "-", "-"]));
        Assert.Contains($"The group '{group}' has no members.", described.Lines);
    }

    [Fact]
    public async Task Json_has_what_the_table_has()
    {
        var (topic, group) = await ReadTwoOfThreeAsync();

        var described = Assert.Single(
            JsonDocument.Parse((await broker.RunAsync("group", "describe", group, "--json")).Succeeded().Out).RootElement.EnumerateArray());
        var listed = JsonDocument.Parse((await broker.RunAsync("group", "list", "--json")).Succeeded().Out).RootElement.EnumerateArray();

        Assert.Equal(
            $$"""[{"topic":"{{topic}}","partition":0,"currentOffset":2,"logEndOffset":3,"lag":1}]""",
            described.GetProperty("offsets").GetRawText());
        Assert.Contains(listed, g => g.GetProperty("group").GetString() == group);
    }

    [Fact]
    public async Task Groups_are_listed_with_their_state()
    {
        var (_, group) = await ReadTwoOfThreeAsync();

        var listed = (await broker.RunAsync("group", "list")).Succeeded();

        Assert.Contains(
            listed.Lines, line =>
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, "Empty", "consumer"] && name == group);
    }

    [Fact]
    public async Task A_member_is_shown_with_its_partitions()
    {
        var topic = broker.NewName();
        var group = broker.NewName("group");
        (await broker.TypeAsync("a\n", "produce", topic)).Succeeded();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var output = new SignallingWriter("a\n");
        var running = CaudalCommand.RunAsync(
            ["consume", topic, "-b", broker.Bootstrap, "-g", group],
                new Terminal(TextReader.Null, output, TextWriter.Null, IsInteractive: false), stop.Token);
        await output.Seen.WaitAsync(TestContext.Current.CancellationToken);

        var described = (await broker.RunAsync("group", "describe", group)).Succeeded();
        await stop.CancelAsync();

        Assert.Equal(0, await running);
        Assert.Contains(
            described.Lines,
            line => line.StartsWith($"{group} ", StringComparison.Ordinal) && line.EndsWith(" caudal-cli", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_group_that_does_not_exist_is_an_error_that_names_it() =>
        Assert.Contains("'no-such-group' does not exist", (await broker.RunAsync("group", "describe", "no-such-group")).Failed().Error);

    private async Task<(string Topic, string Group)> ReadTwoOfThreeAsync()
    {
        var topic = broker.NewName();
        var group = broker.NewName("group");
        (await broker.TypeAsync("a\nb\nc\n", "produce", topic)).Succeeded();
        (await broker.RunAsync("consume", topic, "-g", group, "-n", "2")).Succeeded();
        return (topic, group);
    }
}
