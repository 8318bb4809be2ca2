using Caudal.Client;
using Caudal.Protocol.Records;

namespace Caudal.Cli.Input;

/// <summary>Publishes the lines of a stream as records of one topic.</summary>
/// <param name="producer">Sends them.</param>
/// <param name="deliveries">Is told what became of them.</param>
/// <param name="topic">The topic.</param>
internal sealed class RecordPublisher(
    Producer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer, Deliveries deliveries, string topic)
{
    // How long what was read before Ctrl+C may take to be delivered.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>How lines are read. Default: the whole line is the value.</summary>
    public LineFormat Format { get; init; } = new();

    /// <summary>The key of every record that has none of its own.</summary>
    public ReadOnlyMemory<byte>? Key { get; init; }

    /// <summary>Headers that every record gets besides its own.</summary>
    public RecordHeader[] Headers { get; init; } = [];

    /// <summary>The partition of every record; null to let the key decide.</summary>
    public int? Partition { get; init; }

    /// <summary>Whether each record is acknowledged before the next one is read.</summary>
    public bool IsSynchronous { get; init; }

    /// <summary>Is called before a line is waited for, and with the number of records so far.</summary>
    public Func<long, ValueTask>? BeforeWaiting { get; init; }

    /// <summary>Reads to the end, or until it is cancelled, and waits until everything is delivered or given up.</summary>
    public async ValueTask RunAsync(LineReader lines, CancellationToken cancellationToken)
    {
        var number = 0L;
        try
        {
            while (lines.TryRead() || await WaitForLineAsync(lines, number, cancellationToken))
                await SendAsync(Format.Parse(lines.Line, ++number), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl+C: what was read is still delivered.
        }

        using var patience = new CancellationTokenSource(
            cancellationToken.IsCancellationRequested ? Grace : Timeout.InfiniteTimeSpan, TimeProvider.System);
        await producer.FlushAsync(patience.Token);
    }

    private async ValueTask<bool> WaitForLineAsync(LineReader lines, long number, CancellationToken cancellationToken)
    {
        if (BeforeWaiting is not null)
            await BeforeWaiting(number);
        return await lines.ReadAsync(cancellationToken);
    }

    private async ValueTask SendAsync(InputRecord input, CancellationToken cancellationToken)
    {
        var record = new ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(topic, input.Key ?? Key, input.Value)
        {
            Partition = Partition,
            Headers = input.Headers is null ? Headers : [.. input.Headers, .. Headers],
        };
        if (IsSynchronous)
            deliveries.OnDelivered(await producer.ProduceAsync(record, cancellationToken), null);
        else
            await producer.EnqueueAsync(record, deliveries, cancellationToken);
    }
}
