using System.Collections.Concurrent;
using Caudal.Client;
using Caudal.Protocol;

namespace Caudal.Cli.Perf;

/// <summary>Produces as fast as it can, or at a rate, and measures from the call of each record to its acknowledgement.</summary>
internal sealed class ProduceMeasurement(Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer, string topic, long records)
{
    private readonly ConcurrentQueue<SendSlot> _free = new();
    private readonly Histogram _latencies = new();
    private readonly Meter _meter = new(records);
    private KafkaException? _error;
    private long _bytes;

    /// <summary>Runs to the end.</summary>
    /// <exception cref="CommandException">A record was not delivered.</exception>
    public async ValueTask<PerfReport> RunAsync(byte[][] values, byte[][] keys, Pacer pace, CancellationToken cancellationToken)
    {
        for (var i = 0L; i < records; i++)
        {
            await pace.WaitAsync(cancellationToken);
            var value = values[i % values.Length];
            _bytes += value.Length;
            var slot = Rent();
            slot.SentAt = TimeProvider.System.GetTimestamp();
            await producer.EnqueueAsync(
                new ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(
                    topic, keys.Length > 0 ? keys[i % keys.Length] : default(ReadOnlyMemory<byte>?), value),
                slot, cancellationToken);
        }

        await producer.FlushAsync(cancellationToken);
        await _meter.Finished.WaitAsync(cancellationToken);
        if (_error is { } error)
            throw new CommandException($"records were not delivered: {error.Message}");
        return _meter.Report("produce", _bytes, _latencies);
    }

    /// <summary>Takes a slot back.</summary>
    public void Return(SendSlot slot) => _free.Enqueue(slot);

    /// <summary>Counts a record; one call at a time.</summary>
    public void OnDelivered(long sentAt, KafkaException? error)
    {
        if (error is not null)
            _error ??= error;
        else if (_meter.IsWarm)
            _latencies.Add((long)TimeProvider.System.GetElapsedTime(sentAt).TotalNanoseconds);
        _meter.Advance(1);
    }

    private SendSlot Rent() => _free.TryDequeue(out var slot) ? slot : new SendSlot(this);
}
