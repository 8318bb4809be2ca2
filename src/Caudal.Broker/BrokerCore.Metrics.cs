using System.Diagnostics.Metrics;
using Caudal.Broker.Metrics;

namespace Caudal.Broker;

internal sealed partial class BrokerCore
{
    /// <summary>The broker's measurements.</summary>
    public BrokerMeter Meter { get; }

    private BrokerMeter MakeMeter(TimeProvider time)
    {
        var meter = new BrokerMeter(Identity, time);
        meter.Observe(new MeterSource
        {
            LogSizes = () => _topics.All.Select(topic => new Measurement<long>(
                topic.Partitions.Sum(log => log.SizeInBytes), new KeyValuePair<string, object?>("messaging.destination.name", topic.Name))),
            Partitions = () => _topics.All.Sum(topic => (long)topic.Partitions.Length),
            Groups = () => _groups.CountByState().Select(entry => new Measurement<long>(
                entry.Value, new KeyValuePair<string, object?>("kafka.group.state", entry.Key.ToString()))),
            Rebalances = () => _groups.Rebalances,
        });
        return meter;
    }
}
