using Caudal.Broker;
using Caudal.Cli.Tests;

[assembly: AssemblyFixture(typeof(BrokerFixture))]

namespace Caudal.Cli.Tests;

/// <summary>A broker in memory that all tests share, and commands that know where it is.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private EmbeddedBroker? _broker;
    private int _topics;

    public string Bootstrap => _broker!.BootstrapServers;

    public async ValueTask InitializeAsync()
    {
        var config = new Dictionary<string, string> { ["group.initial.rebalance.delay.ms"] = "0" };
        _broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Config = config });
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    /// <summary>A name that no other test uses.</summary>
    public string NewName(string what = "topic") => $"{what}-{Interlocked.Increment(ref _topics)}";

    internal Task<CommandResult> RunAsync(params string[] args) => CommandLine.RunAsync(["-b", Bootstrap, .. args]);

    internal Task<CommandResult> TypeAsync(string input, params string[] args) => CommandLine.TypeAsync(input, ["-b", Bootstrap, .. args]);

    /// <summary>Runs one of Kafka's tools.</summary>
    internal Task<CommandResult> KafkaAsync(string tool, params string[] args) =>
        CommandLine.RunAsync([$"kafka-{tool}", "--bootstrap-server", Bootstrap, .. args]);

    internal Task<CommandResult> KafkaTypeAsync(string input, string tool, params string[] args) =>
        CommandLine.TypeAsync(input, [$"kafka-{tool}", "--bootstrap-server", Bootstrap, .. args]);
}
