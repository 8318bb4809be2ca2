using System.Diagnostics;

namespace Orders.Tests;

/// <summary><c>caudal demo orders</c> as a process of its own, to be killed.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private const string ListeningOn = "listening on ";
    private const string BrokerOn = "broker on ";

    private readonly Process _process;

    private DemoProcess(Process process, string broker, Uri address)
    {
        _process = process;
        BootstrapServers = broker;
        Http = new HttpClient { BaseAddress = address };
    }

    public string BootstrapServers { get; }

    public HttpClient Http { get; }

    public static async Task<DemoProcess> StartAsync(string data)
    {
        // The command is built beside this test: <artifacts>/bin/<project>/<configuration>/.
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var command = Path.Combine(output.Parent!.Parent!.FullName, "Caudal.Cli", output.Name, "caudal.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { command, "demo", "orders", "--http", "0", "--port", "0", "--data", data })
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var broker = "";
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith(BrokerOn, StringComparison.Ordinal))
                broker = line[BrokerOn.Length..].Split(',')[0];
            if (!line.StartsWith(ListeningOn, StringComparison.Ordinal))
                continue;
            _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            return new DemoProcess(process, broker, new Uri(line[ListeningOn.Length..]));
        }

        throw new InvalidOperationException($"The demo did not start: {await errors}");
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }
}
