namespace Caudal.Cli.Tests.Control;

/// <summary>Brokers with several nodes, and the orders that another terminal gives them.</summary>
public class ControlTests
{
    [Fact]
    public async Task Nodes_are_stopped_paused_and_started_from_outside()
    {
        await using var broker = await RunningBroker.StartAsync("--memory", "--port", "0", "--nodes", "3");
        await broker.RunAsync("topic", "create", "t", "-p", "3", "-r", "3");

        (await broker.ControlAsync("stop-node", "2")).Succeeded();
        (await broker.ControlAsync("pause-node", "3")).Succeeded();
        var during = (await broker.ControlAsync("status")).Succeeded().Out;
        (await broker.ControlAsync("start-node", "2")).Succeeded();
        (await broker.ControlAsync("resume-node", "3")).Succeeded();
        var after = (await broker.ControlAsync("status", "--json")).Succeeded().Out;

        Assert.Matches("2 +127.0.0.1:\\d+ stopped +0\n", during);
        Assert.Matches("3 +127.0.0.1:\\d+ paused +[12]\n", during);
        Assert.Equal(3, after.Split("\"state\":\"running\"").Length - 1);
    }

    [Fact]
    public async Task A_leader_moves_by_order()
    {
        await using var broker = await RunningBroker.StartAsync("--memory", "--port", "0", "--nodes", "2");
        await broker.RunAsync("topic", "create", "t", "-p", "2", "-r", "2");

        foreach (var partition in new[] { "0", "1" })
            (await broker.ControlAsync("move-leader", "t", partition, "2")).Succeeded();

        Assert.Matches("1 +127.0.0.1:\\d+ running +0\n", (await broker.ControlAsync("status")).Out);
    }

    [Fact]
    public async Task Orders_that_cannot_be_carried_out_are_refused_in_one_line()
    {
        await using var broker = await RunningBroker.StartAsync("--memory", "--port", "0");

        Assert.Contains("the broker's nodes are 1", (await broker.ControlAsync("stop-node", "7")).Failed().Error);
        Assert.Contains("no partition t-0", (await broker.ControlAsync("move-leader", "t", "0", "1")).Failed().Error);
    }

    [Fact]
    public async Task Without_a_broker_the_error_says_so()
    {
        var result = await CommandLine.RunAsync("broker", "control", "status", "--port", "1");

        Assert.Contains("no 'caudal broker' of this user listens on port 1", result.Failed().Error);
    }

    private sealed class RunningBroker : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task<int> _running;
        private readonly string _bootstrap;

        private RunningBroker(Task<int> running, string bootstrap, CancellationTokenSource stop)
        {
            _running = running;
            _bootstrap = bootstrap;
            _stop = stop;
        }

        public static async Task<RunningBroker> StartAsync(params string[] args)
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var output = new LineWriter();
            var running = CaudalCommand.RunAsync(
                ["broker", .. args], new Terminal(TextReader.Null, output, TextWriter.Null, IsInteractive: false), stop.Token);
            var line = await output.FirstLine.WaitAsync(TestContext.Current.CancellationToken);
            return new RunningBroker(running, line["listening on ".Length..], stop);
        }

        public Task<CommandResult> RunAsync(params string[] args) => CommandLine.RunAsync(["-b", _bootstrap, .. args]);

        public Task<CommandResult> ControlAsync(params string[] args) =>
            CommandLine.RunAsync(["broker", "control", .. args, "--port", _bootstrap.Split(',')[0].Split(':')[^1]]);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}
