using Caudal.Cli.Commands;

namespace Caudal.Cli.Tests.Commands;

public class BrokerCommandTests
{
    [Fact]
    public void Settings_are_read_as_pairs() =>
        Assert.Equal(
            new Dictionary<string, string> { ["num.partitions"] = "4", ["a"] = "b=c" },
            BrokerCommand.ParseConfig(["num.partitions=4", "a=b=c"]));

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--port", "many")]
    [InlineData("--durability", "none")]
    [InlineData("--config", "num.partitions")]
    [InlineData("--config", "num.partition=4")]
    [InlineData("--config", "num.partitions=none")]
    [InlineData("--data", "somewhere")]
    public async Task Wrong_use_is_refused_with_one_line(params string[] args) =>
        Assert.NotEmpty((await CommandLine.RunAsync(["broker", "--memory", .. args])).Failed(CaudalCommand.WrongUse).Error);

    [Fact]
    public async Task It_serves_until_it_is_told_to_stop()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var output = new LineWriter();

        var running = CaudalCommand.RunAsync(
            ["broker", "--memory", "--port", "0"],
                new Terminal(TextReader.Null, output, TextWriter.Null, IsInteractive: false), stop.Token);
        var line = await output.FirstLine.WaitAsync(TestContext.Current.CancellationToken);
        var listed = await CommandLine.RunAsync("topic", "list", "-b", line["listening on ".Length..]);
        await stop.CancelAsync();

        Assert.StartsWith("listening on 127.0.0.1:", line);
        listed.Succeeded();
        Assert.Equal(0, await running);
    }
}
