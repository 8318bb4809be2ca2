using Caudal.Client;

namespace Caudal.Cli.Perf;

/// <summary>Consumes a number of records as fast as it can.</summary>
internal sealed class ConsumeMeasurement(Consumer<Ignore, Ignore> consumer, long records)
{
    // A topic that holds fewer records than were asked for must not hang the measurement.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private long _bytes;

    /// <summary>Runs to the end.</summary>
    /// <exception cref="CommandException">There are fewer records.</exception>
    public async ValueTask<PerfReport> RunAsync(CancellationToken cancellationToken)
    {
        var meter = new Meter(records);
        var seen = 0L;
        while (!meter.Finished.IsCompleted)
        {
            using var lease = await consumer.FetchAsync(Patience, cancellationToken)
                ?? throw new CommandException($"no more records for {Patience.TotalSeconds:0} s after {seen} of {records}.");
            var count = Walk(lease);
            seen += count;
            meter.Advance(count);
        }

        return meter.Report("consume", _bytes, latencies: null);
    }

    private int Walk(RecordBatchLease lease)
    {
        foreach (var record in lease)
            _bytes += record.ValueLength;
        return lease.RecordCount;
    }
}
