using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Releases;
using Caudal.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caudal.Broker;

/// <summary>What an <see cref="EmbeddedBroker"/> is to be: by default one in memory on a free port of the loopback interface.</summary>
public sealed record EmbeddedBrokerOptions
{
    /// <summary>The address to listen on, and to tell to clients.</summary>
    /// <value>127.0.0.1 by default: reachable from this machine only. <c>0.0.0.0</c> listens on all; set <c>advertised.listeners</c> in
    /// <see cref="Config"/> then.</value>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on.</summary>
    /// <value>0 by default: the system chooses, <see cref="EmbeddedBroker.Port"/> tells.</value>
    public int Port { get; init; }

    /// <summary>Whether to listen on a socket. Without it only <see cref="EmbeddedBroker.Connector"/> reaches the broker.</summary>
    /// <value>True by default.</value>
    public bool Listen { get; init; } = true;

    /// <summary>
    /// How many brokers this one poses as, each with a listener of its own, for testing what clients do when brokers fail. The first has
    /// the id <c>node.id</c>, the others the numbers after it. With a given <see cref="Port"/> they take the ports after it; with port 0
    /// each gets a free one.
    /// </summary>
    /// <value>1 by default; at most 100. Replication factors up to this number are accepted.</value>
    public int Nodes { get; init; } = 1;

    /// <summary>
    /// The racks that the <see cref="Nodes"/> say they stand in, one for each in their order. With the setting
    /// <c>replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector</c> consumers read from a replica in their rack.
    /// </summary>
    /// <value>Empty by default: all stand in <c>broker.rack</c> of <see cref="Config"/>, if it is given.</value>
    public IReadOnlyList<string> Racks { get; init; } = [];

    /// <summary>
    /// The directory that keeps topics, records and offsets over restarts; made if it is missing. One broker at a time may use it.
    /// </summary>
    /// <value>Null by default: everything is in memory.</value>
    public string? Directory { get; init; }

    /// <summary>
    /// What an acknowledged record has survived. Without a directory it is <see cref="Storage.Durability.Memory"/> in any case.
    /// </summary>
    /// <value><see cref="Storage.Durability.Os"/> by default, as in Kafka: records survive the process, not a power cut.</value>
    public Durability Durability { get; init; } = Durability.Os;

    /// <summary>With <see cref="Storage.Durability.Interval"/>, how long an acknowledged record may wait for the disk.</summary>
    /// <value>100 ms by default.</value>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Settings by Kafka's own names, e.g. <c>num.partitions</c> or <c>auto.create.topics.enable</c>.</summary>
    /// <value>Empty by default. Names that are not known are refused.</value>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The release of Apache Kafka to act as: clients are told, and served, the versions of that release's APIs, and nothing that came
    /// later. Produce before version 3, Fetch before 4 and OffsetCommit 0 are told as these releases do, but not served.
    /// </summary>
    /// <value>Null by default: everything that is known here. Else 2.4, 2.8, 3.3, 3.9 or 4.3.</value>
    public string? ActAs { get; init; }

    /// <summary>The clock for timestamps, timeouts and retention.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where logging goes; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Checks the options.</summary>
    /// <returns>All faults, each with what to do; empty if there are none.</returns>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(Host))
            faults.Add("Host is blank: give an address of this machine, such as 127.0.0.1.");
        if (Port is < 0 or > 65535)
            faults.Add($"Port is {Port}: it must lie between 0 (the system chooses) and 65535.");
        if (Nodes is < 1 or > 100)
            faults.Add($"Nodes is {Nodes}: it must lie between 1 and 100.");
        else if (Port is > 0 and <= 65535 && Port + Nodes - 1 > 65535)
            faults.Add($"Port is {Port}: {Nodes} nodes take the ports from there on, which must not exceed 65535.");
        if (Racks.Count > 0 && Racks.Count != Nodes)
            faults.Add($"Racks has {Racks.Count} names for {Nodes} nodes: give one for each node, or none.");
        if (Racks.Any(string.IsNullOrWhiteSpace))
            faults.Add("Racks holds a blank name: give each node's rack a name, or leave Racks empty.");
        if (Directory is { } directory && string.IsNullOrWhiteSpace(directory))
            faults.Add("Directory is blank: give a path, or null to keep everything in memory.");
        if (FlushInterval <= TimeSpan.Zero || FlushInterval.TotalMilliseconds > int.MaxValue)
            faults.Add($"FlushInterval is {FlushInterval}: it must be positive, and 24 days at most.");
        if (Directory is not null && Durability == Durability.Memory)
            faults.Add("Durability is Memory but a Directory is given: leave the directory out or choose Os, Interval or Group.");
        if (ActAs is { } release && KafkaRelease.Find(release) is null)
            faults.Add($"ActAs is {release}: it must be one of {string.Join(", ", KafkaRelease.All.Select(r => r.Name))}.");
        foreach (var (name, value) in Config)
        {
            if (BrokerConfigs.Check(name, value) is { } fault)
                faults.Add(fault + ".");
        }

        if (Config.TryGetValue("advertised.listeners", out var advertised) && AdvertisedListener.Parse(advertised) is null)
            faults.Add($"advertised.listeners is {advertised}: one address as PLAINTEXT://HOST:PORT is expected.");
        return faults;
    }
}
