using System.Diagnostics.Metrics;
using System.Reflection;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Caudal.Broker.Metrics;

/// <summary>
/// The broker's measurements: the meter <c>Caudal.Broker</c>, tagged with the cluster and the node. Names, units and tags are listed in
/// docs/meters.md. Thread safe.
/// </summary>
/// <remarks>
/// Without a listener nothing is measured; with one nothing is allocated for a request, the tags of every API are made once.
/// </remarks>
internal sealed class BrokerMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Caudal.Broker";

    private static readonly Tag[] Received = [new("network.io.direction", "receive")];
    private static readonly Tag[] Sent = [new("network.io.direction", "transmit")];

    private static readonly Tag[][] ByApi = MakeApiTags();

    // Short waits are what requests are about; long ones are fetches that wait for data.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _io;
    private readonly Counter<long> _produced;
    private readonly Counter<long> _producedBytes;
    private readonly Counter<long> _fetched;
    private readonly Counter<long> _fetchedBytes;
    private long _connections;

    /// <summary>Makes the meter of one node.</summary>
    public BrokerMeter(BrokerIdentity identity, TimeProvider time)
    {
        _time = time;
        _meter = new Meter(new MeterOptions(Name)
        {
            Version = typeof(BrokerMeter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
            Tags = [new("kafka.cluster.id", identity.ClusterId), new("kafka.node.id", identity.NodeId)],
        });
        _duration = _meter.CreateHistogram(
            "caudal.broker.request.duration", "s", "From a request's arrival to its answer's sending.", null, Durations);
        _io = _meter.CreateCounter<long>("caudal.broker.network.io", "By", "Bytes of requests received and of responses sent.");
        _produced = _meter.CreateCounter<long>("caudal.broker.produce.records", "{record}", "Records that producers appended.");
        _producedBytes = _meter.CreateCounter<long>(
            "caudal.broker.produce.size", "By", "Bytes of record batches that producers appended.");
        _fetched = _meter.CreateCounter<long>("caudal.broker.fetch.records", "{record}", "Records handed out by fetches.");
        _fetchedBytes = _meter.CreateCounter<long>("caudal.broker.fetch.size", "By", "Bytes of record batches handed out by fetches.");
        _meter.CreateObservableUpDownCounter(
            "caudal.broker.connections", () => Volatile.Read(ref _connections), "{connection}", "Connections that are open.");
    }

    /// <summary>Has a value of something else observed when a listener asks.</summary>
    public void Observe(MeterSource source)
    {
        _meter.CreateObservableUpDownCounter("caudal.broker.log.size", source.LogSizes, "By", "Bytes of the logs, by topic.");
        _meter.CreateObservableUpDownCounter("caudal.broker.partitions", source.Partitions, "{partition}", "Partitions.");
        _meter.CreateObservableUpDownCounter("caudal.broker.groups", source.Groups, "{group}", "Consumer groups, by state.");
        _meter.CreateObservableCounter(
            "caudal.broker.group.rebalances", source.Rebalances, "{rebalance}", "Generations that groups began.");
    }

    /// <summary>A connection was opened.</summary>
    public void Opened() => Interlocked.Increment(ref _connections);

    /// <summary>A connection was closed.</summary>
    public void Closed() => Interlocked.Decrement(ref _connections);

    /// <summary>A request of this size was served from a timestamp of the clock on; the answer had another size, 0 for none.</summary>
    public void Served(ApiKey key, long since, int requestBytes, int responseBytes)
    {
        if (_duration.Enabled)
            _duration.Record(_time.GetElapsedTime(since).TotalSeconds, ByApi[(int)key]);
        if (!_io.Enabled)
            return;
        _io.Add(requestBytes, Received);
        if (responseBytes > 0)
            _io.Add(responseBytes, Sent);
    }

    /// <summary>A producer's batch was appended.</summary>
    public void Produced(ReadOnlySpan<byte> batch)
    {
        if (_produced.Enabled && batch.Length >= RecordBatchHeader.Size)
            _produced.Add(RecordBatchView.Read(batch).RecordCount);
        if (_producedBytes.Enabled)
            _producedBytes.Add(batch.Length);
    }

    /// <summary>Batches were handed out.</summary>
    public void Fetched(FetchResponse.PartitionData[] partitions)
    {
        if (!_fetched.Enabled && !_fetchedBytes.Enabled)
            return;
        var (records, bytes) = (0L, 0L);
        foreach (var partition in partitions)
        {
            if (partition.Records is not { Length: > 0 } batches)
                continue;
            bytes += batches.Length;
            foreach (var batch in new RecordBatchEnumerator(batches.Span))
                records += batch.RecordCount;
        }

        if (bytes == 0)
            return;
        _fetched.Add(records);
        _fetchedBytes.Add(bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static Tag[][] MakeApiTags()
    {
        var tags = new Tag[128][];
        for (var key = 0; key < tags.Length; key++)
            tags[key] = [new Tag("kafka.api", ((ApiKey)key).ToString())];
        return tags;
    }
}

/// <summary>What is counted elsewhere and only read when a listener asks.</summary>
internal sealed record MeterSource
{
    /// <summary>The bytes of each topic's logs.</summary>
    public required Func<IEnumerable<Measurement<long>>> LogSizes { get; init; }

    /// <summary>How many partitions there are.</summary>
    public required Func<long> Partitions { get; init; }

    /// <summary>How many groups are in each state.</summary>
    public required Func<IEnumerable<Measurement<long>>> Groups { get; init; }

    /// <summary>How many generations groups have begun since the start.</summary>
    public required Func<long> Rebalances { get; init; }
}
