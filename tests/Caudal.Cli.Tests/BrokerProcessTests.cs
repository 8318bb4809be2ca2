using System.Diagnostics;

namespace Caudal.Cli.Tests;

/// <summary>What only a process of its own can show: signals, exit codes, and two brokers that are in each other's way.</summary>
public class BrokerProcessTests
{
    // The broker has a second; the rest is for machines that are busy.
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_the_broker_in_order(string signal)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("There are no signals on Windows.");
        using var broker = RunningProcess.StartCaudal("broker", "--memory", "--port", "0");
        Assert.StartsWith("listening on ", await broker.Out.ReadLineAsync(TestContext.Current.CancellationToken));

        var clock = Stopwatch.StartNew();
        await broker.SignalAsync(signal);

        Assert.Equal(0, await broker.ExitCodeAsync());
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, LongestFarewell);
    }

    [Fact]
    public async Task A_port_and_a_directory_serve_one_broker_at_a_time()
    {
        var folder = Directory.CreateTempSubdirectory("caudal-cli-");
        try
        {
            using var broker = RunningProcess.StartCaudal("broker", "--data", folder.FullName, "--port", "0");
            var line = await broker.Out.ReadLineAsync(TestContext.Current.CancellationToken);
            var port = line!.Split(':')[^1];

            using var samePort = RunningProcess.StartCaudal("broker", "--memory", "--port", port);
            using var sameFolder = RunningProcess.StartCaudal("broker", "--data", folder.FullName, "--port", "0");

            Assert.Contains(port, (await samePort.CompleteAsync()).Failed().Error);
            Assert.Contains(folder.FullName, (await sameFolder.CompleteAsync()).Failed().Error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Commands_that_share_a_file_write_one_after_the_other()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("There is no shell to share a file.");
        var file = Path.GetTempFileName();
        try
        {
            using var shell = RunningProcess.Start(
                "sh", "-c", "(\"$0\" --version; \"$0\" --version) > \"$1\"", Path.Combine(AppContext.BaseDirectory, "caudal"), file);
            await shell.CompleteAsync();

            var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
            Assert.Equal(2, lines.Length);
            Assert.Equal(lines[0], lines[1]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Records_pass_through_pipes()
    {
        using var broker = RunningProcess.StartCaudal("broker", "--memory", "--port", "0");
        var line = await broker.Out.ReadLineAsync(TestContext.Current.CancellationToken);
        var address = line!["listening on ".Length..];

        using var producer = RunningProcess.StartCaudal("produce", "t", "-b", address);
        var produced = await producer.CompleteAsync("água\nlast");
        using var consumer = RunningProcess.StartCaudal("consume", "t", "-b", address, "-n", "2");

        Assert.Equal("2 records to t\n", produced.Succeeded().Out);
        Assert.Equal("água\nlast\n", (await consumer.CompleteAsync()).Succeeded().Out);
    }
}
