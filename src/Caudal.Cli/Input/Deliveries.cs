using System.Threading.Channels;
using Caudal.Cli.Output;
using Caudal.Client;
using Caudal.Protocol;

namespace Caudal.Cli.Input;

/// <summary>Counts what became of the records of a command, and writes a line of JSON for each if it is asked to.</summary>
internal sealed class Deliveries : IDeliveryHandler
{
    private readonly Channel<RecordMetadata>? _delivered;
    private readonly Task _writing;
    private long _succeeded;
    private long _failed;
    private KafkaException? _firstError;

    /// <summary>Starts to count.</summary>
    /// <param name="json">Where the lines go; null for none.</param>
    public Deliveries(TextWriter? json)
    {
        _delivered = json is null ? null : Channel.CreateUnbounded<RecordMetadata>(new UnboundedChannelOptions { SingleReader = true });
        _writing = json is null ? Task.CompletedTask : WriteAsync(_delivered!.Reader, json);
    }

    /// <summary>How many records are known to be written.</summary>
    public long Succeeded => Volatile.Read(ref _succeeded);

    /// <summary>How many records were given up.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <inheritdoc/>
    public void OnDelivered(in RecordMetadata metadata, KafkaException? error)
    {
        if (error is null)
        {
            Interlocked.Increment(ref _succeeded);
            _delivered?.Writer.TryWrite(metadata);
        }
        else
        {
            Interlocked.CompareExchange(ref _firstError, error, null);
            Interlocked.Increment(ref _failed);
        }
    }

    /// <summary>Ends the lines.</summary>
    /// <exception cref="CommandException">Records were given up; the message says how many, and why the first one was.</exception>
    public async ValueTask CompleteAsync()
    {
        _delivered?.Writer.Complete();
        await _writing;
        if (Failed > 0)
            throw new CommandException($"{Failed} of {Failed + Succeeded} records were not delivered: {_firstError!.Message}");
    }

    private static async Task WriteAsync(ChannelReader<RecordMetadata> delivered, TextWriter output)
    {
        await foreach (var record in delivered.ReadAllAsync())
        {
            var line = new ProducedJson(record.Topic, record.Partition, record.Offset, record.Timestamp.ToUnixTimeMilliseconds());
            await CliJson.WriteLineAsync(output, line, CliJson.Default.ProducedJson);
        }
    }
}
