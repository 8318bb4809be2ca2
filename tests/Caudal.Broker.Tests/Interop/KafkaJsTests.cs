using System.Diagnostics;
using Caudal.Broker.Tests.Support;
using Caudal.Storage;

namespace Caudal.Broker.Tests.Interop;

/// <summary>kafkajs, which speaks no flexible version of anything: it is installed by npm into a folder that goes with the test.</summary>
/// <remarks>Needs node, npm and its registry, so a command of its own (CONTRIBUTING.md).</remarks>
public class KafkaJsTests
{
    [Fact(Explicit = true)]
    public async Task Kafkajs_produces_consumes_transacts_and_administers()
    {
        using var directory = new TemporaryDirectory();
        var installed = await KafkaTools.RunAsync(
            new ProcessStartInfo("npm", ["install", "kafkajs@2.2.4", "--no-audit", "--no-fund", "--ignore-scripts"])
            {
                WorkingDirectory = directory.Path,
            },
            input: null);
        Assert.True(Directory.Exists(Path.Combine(directory.Path, "node_modules", "kafkajs")), installed);
        var script = Path.Combine(directory.Path, "kafkajs-answers.js");
        File.Copy(KafkaTools.Source("kafkajs-answers.js"), script);
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions
        {
            Directory = Path.Combine(directory.Path, "data"),
            Durability = Durability.Group,
        });

        var printed = await KafkaTools.RunAsync(new ProcessStartInfo("node", [script, broker.BootstrapServers]), input: null);

        Assert.EndsWith("all as expected", printed.TrimEnd(), StringComparison.Ordinal);
    }
}
