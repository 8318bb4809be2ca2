namespace Caudal.House.Tests;

/// <summary>The direction of dependencies as data: what each project may reference, and why.</summary>
internal sealed record LayerRule(string Project, string[] MayReference, string Reason);

internal static class LayerRules
{
    public static readonly LayerRule[] Table =
    [
        new("Caudal.Protocol", [], "The protocol is a leaf: anybody can use it, nobody is known to it."),
        new("Caudal.Protocol.Generator", [], "The generator knows Roslyn and schemas, nothing of ours."),
        new("Caudal.Compression", [], "Codecs are a leaf."),
        new("Caudal.Transport", ["Caudal.Protocol"], "Connections carry frames and know no client and no broker."),
        new(
            "Caudal.Client",
            ["Caudal.Protocol", "Caudal.Compression", "Caudal.Transport"],
            "The client never sees the broker: what they share lies below both."),
        new("Caudal.Storage", ["Caudal.Protocol", "Caudal.Compression"], "Logs know records, not connections."),
        new(
            "Caudal.Broker",
            ["Caudal.Protocol", "Caudal.Compression", "Caudal.Transport", "Caudal.Storage"],
            "The broker never sees the client: what they share lies below both."),
        new("Caudal.Streams", ["Caudal.Client"], "Stream processing stands on the client's public surface."),
        new("Caudal.Streams.RocksDb", ["Caudal.Streams"], "Native state is an addition to streams, in a package of its own."),
        new("Caudal.Hosting", ["Caudal.Client", "Caudal.Streams"], "Hosting wires applications, not brokers."),
        new("Caudal.Testing", ["Caudal.Broker", "Caudal.Client", "Caudal.Streams"], "Tests need the broker, a client and the test driver."),
        new("Caudal.Schemas", ["Caudal.Client"], "Serdes with a registry stand on the client."),
        new("Caudal.Registry", ["Caudal.Schemas"], "The registry stores schemas through the client."),
        new("Caudal.Sql", ["Caudal.Streams", "Caudal.Schemas"], "SQL compiles to streams."),
        new("Caudal.Connect", ["Caudal.Client", "Caudal.Streams", "Caudal.Schemas"], "Connectors move records through the client."),
        new("Caudal.Console", ["Caudal.Client", "Caudal.Streams"], "The console works on any cluster, so it never sees the broker."),
        new("Orders", ["Caudal.Client"], "A sample uses what a user would use."),
    ];

    /// <summary>The projects that put everything together and may reference whatever they like.</summary>
    public static readonly string[] CompositionRoots = ["Caudal.Cli"];
}
