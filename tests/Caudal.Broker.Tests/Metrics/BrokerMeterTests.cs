using System.Diagnostics.Metrics;
using Caudal.Broker.Metrics;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Metrics;

public sealed class BrokerMeterTests
{
    [Fact]
    public async Task Requests_bytes_and_records_are_measured()
    {
        await using var broker = await Brokers.StartAsync();
        using var measured = new Measured(broker.ClusterId);
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 3);
        await client.ProduceAsync("t", Batches.Of("a", "b", "c"));
        await client.FetchAsync("t", 0);
        await client.FetchAsync("t", 0);
        // The last request is measured once its answer is out: one more makes sure of it.
        await client.SendAsync(new DescribeClusterRequest(), 0);
        await client.SendAsync(new DescribeClusterRequest(), 0);

        Assert.Equal(1, measured.Count("caudal.broker.request.duration", "kafka.api", "Produce"));
        Assert.Equal(2, measured.Count("caudal.broker.request.duration", "kafka.api", "Fetch"));
        Assert.Equal(3, measured.Sum("caudal.broker.produce.records"));
        Assert.Equal(6, measured.Sum("caudal.broker.fetch.records"));
        Assert.Equal(Batches.Of("a", "b", "c").Length, measured.Sum("caudal.broker.produce.size"));
        Assert.Equal(2 * Batches.Of("a", "b", "c").Length, measured.Sum("caudal.broker.fetch.size"));
        Assert.True(measured.Sum("caudal.broker.network.io", "network.io.direction", "receive") > 200);
        Assert.True(measured.Sum("caudal.broker.network.io", "network.io.direction", "transmit") > 400);
    }

    [Fact]
    public async Task Connections_logs_and_groups_are_observed()
    {
        await using var broker = await Brokers.StartAsync();
        using var measured = new Measured(broker.ClusterId);
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t", 3);
        await client.ProduceAsync("t", Batches.Of("a"));
        var commit = new OffsetCommitRequest
        {
            GroupId = "g",
            Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = 1 }] }],
        };
        await client.SendAsync(commit, 8);

        measured.Observe();

        Assert.Equal(1, measured.Sum("caudal.broker.connections"));
        Assert.Equal(Batches.Of("a").Length, measured.Sum("caudal.broker.log.size", "messaging.destination.name", "t"));
        Assert.True(measured.Sum("caudal.broker.partitions") >= 3);
        Assert.Equal(1, measured.Sum("caudal.broker.groups", "kafka.group.state", "Empty"));
        Assert.Equal(0, measured.Sum("caudal.broker.groups", "kafka.group.state", "Stable"));
        Assert.Equal(0, measured.Sum("caudal.broker.group.rebalances"));
    }

    [Fact]
    public async Task Rebalances_are_counted()
    {
        await using var broker = await Brokers.StartAsync();
        using var measured = new Measured(broker.ClusterId);
        await using var client = await TestClient.ConnectAsync(broker);
        var join = new JoinGroupRequest
        {
            GroupId = "g",
            ProtocolType = "consumer",
            SessionTimeoutMs = 10_000,
            RebalanceTimeoutMs = 10_000,
            Protocols = [new() { Name = "range", Metadata = [] }],
        };
        Assert.Equal(ErrorCode.None, (ErrorCode)(await client.SendAsync(join, 3)).ErrorCode);

        measured.Observe();

        Assert.Equal(1, measured.Sum("caudal.broker.group.rebalances"));
        Assert.Equal(1, measured.Sum("caudal.broker.groups", "kafka.group.state", "CompletingRebalance"));
    }

    [Fact]
    public void Measuring_a_request_allocates_nothing()
    {
        using var meter = new BrokerMeter(new BrokerIdentity(1, "allocations"), TimeProvider.System);
        using var measured = new Measured("allocations", isCounting: false);
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
                meter.Served(ApiKey.Fetch, 0, 100, 1000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void Every_instrument_is_in_the_table_of_meters()
    {
        var names = new List<(string Name, string? Unit)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (Measured.IsOf(instrument, "the table"))
                    names.Add((instrument.Name, instrument.Unit));
            },
        };
        listener.Start();
        using var meter = new BrokerMeter(new BrokerIdentity(1, "the table"), TimeProvider.System);
        meter.Observe(new MeterSource { LogSizes = () => [], Partitions = () => 0, Groups = () => [], Rebalances = () => 0 });

        var table = File.ReadAllText(Path.Combine(Root(), "docs", "meters.md"));
        Assert.Equal(11, names.Count);
        Assert.All(names, instrument => Assert.Contains($"| `{instrument.Name}` | {instrument.Unit} |", table, StringComparison.Ordinal));
    }

    private static string Root() => typeof(BrokerMeterTests).Assembly
        .GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)
        .Cast<System.Reflection.AssemblyMetadataAttribute>().Single(entry => entry.Key == "RepositoryRoot").Value!;

    /// <summary>What the broker of a cluster measured: other brokers of this process are told apart by the meter's tags.</summary>
    private sealed class Measured : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Lock _lock = new();
        private readonly List<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> _all = [];

        public Measured(string clusterId, bool isCounting = true)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (IsOf(instrument, clusterId))
                    listener.EnableMeasurementEvents(instrument);
            };
            if (isCounting)
            {
                _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
                _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
            }

            _listener.Start();
        }

        public static bool IsOf(Instrument instrument, string clusterId) => instrument.Meter.Name == BrokerMeter.Name
            && instrument.Meter.Tags!.Any(tag => tag.Key == "kafka.cluster.id" && (string)tag.Value! == clusterId);

        public void Observe() => _listener.RecordObservableInstruments();

        public int Count(string name, string tag, string value) => Find(name, tag, value).Count;

        public double Sum(string name, string? tag = null, string? value = null) => Find(name, tag, value).Sum();

        public void Dispose() => _listener.Dispose();

        private List<double> Find(string name, string? tag, string? value)
        {
            lock (_lock)
            {
                return [.. _all.Where(m => m.Name == name && (tag is null || m.Tags.Any(t => t.Key == tag && (string?)t.Value == value)))
                    .Select(m => m.Value)];
            }
        }

        private void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (_lock)
                _all.Add((name, value, tags.ToArray()));
        }
    }
}
