using Caudal.Cli.Output;
using Caudal.Client;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Records;

/// <summary>Writes what a consumer reads, until it has read enough. Not thread safe.</summary>
internal sealed class RecordPump(Consumer<Ignore, Ignore> consumer, IRecordFormatter formatter, RecordOutput output)
{
    // How soon the end is noticed if nothing more comes.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    /// <summary>How many records to read at most.</summary>
    public long MaxRecords { get; init; } = long.MaxValue;

    /// <summary>Where to stop in each partition; null for nowhere.</summary>
    public IReadOnlyDictionary<TopicPartition, long>? Ends { get; init; }

    /// <summary>How long to wait for a record before giving up; null for ever.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Whether records that cannot be shown are left out.</summary>
    public bool SkipsErrors { get; init; }

    /// <summary>Whether what was shown is committed for the group.</summary>
    public bool StoresOffsets { get; init; }

    /// <summary>How many records were read.</summary>
    public long Count { get; private set; }

    /// <summary>Reads and writes.</summary>
    public async ValueTask RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var last = time.GetTimestamp();
        while (Count < MaxRecords && !IsAtEnd())
        {
            // What is there already is written before anything is waited for.
            var lease = await consumer.FetchAsync(TimeSpan.Zero, cancellationToken);
            if (lease is null)
            {
                await output.FlushAsync();
                lease = await consumer.FetchAsync(Wait(time.GetElapsedTime(last)), cancellationToken);
            }

            if (lease is null)
            {
                if (IdleTimeout is { } timeout && time.GetElapsedTime(last) >= timeout)
                    break;
                continue;
            }

            using (lease)
                await WriteAsync(lease);
            last = time.GetTimestamp();
        }

        await output.FlushAsync();
    }

    private TimeSpan Wait(TimeSpan idle)
    {
        if (IdleTimeout is { } timeout)
        {
            var left = timeout - idle;
            return Ends is not null && left > Glance ? Glance : left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }

        return Ends is not null ? Glance : Timeout.InfiniteTimeSpan;
    }

    private bool IsAtEnd()
    {
        if (Ends is null || consumer.Assignment is not { Count: > 0 } assignment)
            return false;
        foreach (var partition in assignment)
        {
            if (Ends.TryGetValue(partition, out var end) && !(consumer.Position(partition) >= end))
                return false;
        }

        return true;
    }

    private async ValueTask WriteAsync(RecordBatchLease lease)
    {
        var next = Write(lease);
        if (StoresOffsets)
            consumer.StoreOffset(new TopicPartitionOffset(lease.TopicPartition, next));
        if (output.IsFull)
            await output.FlushAsync();
    }

    /// <summary>Writes the records of a batch.</summary>
    /// <returns>The offset behind what was written.</returns>
    private long Write(RecordBatchLease lease)
    {
        var source = new RecordSource(lease.Topic, lease.Partition, lease.TimestampType);
        foreach (var record in lease)
        {
            Write(source, record);
            if (++Count >= MaxRecords)
                return record.Offset + 1;
        }

        return lease.NextOffset;
    }

    private void Write(in RecordSource source, in RecordView record)
    {
        try
        {
            formatter.Write(source, record, output.Writer);
        }
        catch (CommandException) when (SkipsErrors)
        {
        }
    }
}
