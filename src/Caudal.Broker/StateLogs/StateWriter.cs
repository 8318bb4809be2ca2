using System.Threading.Channels;
using Caudal.Protocol;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker.StateLogs;

/// <summary>
/// Appends a coordinator's records in the order in which they were decided, as many at once as have gathered while the last append was
/// under way.
/// </summary>
/// <remarks>
/// The coordinator hands a write over under its lock, so the order in the log is the order of its decisions. When the append is done the
/// write's <see cref="StateWrite.Completed"/> is called under the lock again, one write after the other in the same order: what the
/// coordinator then changes follows the log.
/// </remarks>
internal sealed partial class StateWriter : IAsyncDisposable
{
    // What one append may hold; a larger write goes alone.
    private const int MaxAppendBytes = 1 << 20;

    private readonly IStateLog _log;
    private readonly Lock _gate;
    private readonly ILogger _logger;
    private readonly Channel<StateWrite> _queue =
        Channel.CreateUnbounded<StateWrite>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _running;

    /// <summary>Starts to write.</summary>
    /// <param name="log">Where the records go.</param>
    /// <param name="gate">The coordinator's lock.</param>
    /// <param name="logger">The coordinator's log.</param>
    public StateWriter(IStateLog log, Lock gate, ILogger logger)
    {
        _log = log;
        _gate = gate;
        _logger = logger;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Hands a write over; called under the lock.</summary>
    /// <returns>False after the writer was disposed: the write is not made and not completed.</returns>
    public bool TryWrite(StateWrite write) => _queue.Writer.TryWrite(write);

    /// <summary>Makes the writes that were handed over, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var writes = new List<StateWrite>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            Gather(writes);
            var errors = await AppendAsync(writes).ConfigureAwait(false);
            lock (_gate)
            {
                for (var i = 0; i < writes.Count; i++)
                    Complete(writes[i], errors[i]);
            }

            writes.Clear();
        }
    }

    private void Gather(List<StateWrite> writes)
    {
        var bytes = 0;
        while (_queue.Reader.TryPeek(out var write))
        {
            bytes += write.Batch.SizeInBytes;
            if (writes.Count > 0 && bytes > MaxAppendBytes)
                return;
            writes.Add(write);
            _queue.Reader.TryRead(out _);
        }
    }

    private async Task<ErrorCode[]> AppendAsync(List<StateWrite> writes)
    {
        var errors = new ErrorCode[writes.Count];
        try
        {
            await _log.PrepareAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e, writes.Count, _log.Topic);
            Array.Fill(errors, ErrorCode.KafkaStorageError);
            return errors;
        }

        // All appends start before the first is awaited: where the disk is waited for, one flush serves them.
        var appends = new List<(Joined Batch, Task<ErrorCode> Append)>();
        foreach (var joined in Join(writes))
            appends.Add((joined, AppendAsync(joined)));
        foreach (var (joined, append) in appends)
        {
            var error = await append.ConfigureAwait(false);
            foreach (var index in joined.Writes)
                errors[index] = error;
        }

        return errors;
    }

    // What follows each other in a partition is one batch; records of a transaction and markers are batches of their own.
    private static List<Joined> Join(List<StateWrite> writes)
    {
        var result = new List<Joined>();
        var growing = new Dictionary<int, Joined>();
        for (var i = 0; i < writes.Count; i++)
        {
            var (partition, batch, _) = writes[i];
            if (!batch.IsPlain)
            {
                growing.Remove(partition);
                result.Add(new Joined(partition, [], [i]) { Special = batch });
                continue;
            }

            if (!growing.TryGetValue(partition, out var joined))
                result.Add(growing[partition] = joined = new Joined(partition, [], []));
            joined.Records.AddRange(batch.Records);
            joined.Writes.Add(i);
        }

        return result;
    }

    private async Task<ErrorCode> AppendAsync(Joined joined)
    {
        var batch = joined.Special ?? new StateBatch(joined.Records);
        try
        {
            var error = await _log.AppendAsync(joined.Partition, batch, CancellationToken.None).ConfigureAwait(false);
            if (error != ErrorCode.None)
                Log.Refused(_logger, batch.Records.Count, joined.Partition, _log.Topic, error);
            return error;
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e, batch.Records.Count, _log.Topic);
            return ErrorCode.KafkaStorageError;
        }
    }

    private void Complete(StateWrite write, ErrorCode error)
    {
        try
        {
            write.Completed(Translate(error));
        }
        catch (Exception e)
        {
            // One group's trouble must not end the writing for all.
            Log.CompletionFailed(_logger, e, _log.Topic);
        }
    }

    // What clients of a coordinator understand: they look for it again and retry, but for records that will never fit, and producers that
    // others have taken the place of.
    private static ErrorCode Translate(ErrorCode error) => error switch
    {
        ErrorCode.None or ErrorCode.InvalidProducerEpoch or ErrorCode.TransactionCoordinatorFenced => error,
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidRecord => ErrorCode.UnknownServerError,
        _ => ErrorCode.CoordinatorNotAvailable,
    };

    private static partial class Log
    {
        [LoggerMessage(
            4101,
            LogLevel.Warning,
            "{Count} records could not be appended to partition {Partition} of {Topic}: {Error}. The clients try again.")]
        public static partial void Refused(ILogger logger, int count, int partition, string topic, ErrorCode error);

        [LoggerMessage(4102, LogLevel.Error, "{Count} records could not be appended to {Topic}. The clients were told to try again.")]
        public static partial void Failed(ILogger logger, Exception exception, int count, string topic);

        [LoggerMessage(4103, LogLevel.Error, "What follows an append to {Topic} failed unexpectedly.")]
        public static partial void CompletionFailed(ILogger logger, Exception exception, string topic);
    }

    private sealed record Joined(int Partition, List<StateRecord> Records, List<int> Writes)
    {
        internal StateBatch? Special { get; init; }
    }
}

/// <summary>What is appended together, and what happens then.</summary>
/// <param name="Partition">The partition of the coordinator's topic.</param>
/// <param name="Batch">The records or the marker.</param>
/// <param name="Completed">Called under the coordinator's lock, with the error to tell to the client.</param>
internal sealed record StateWrite(int Partition, StateBatch Batch, Action<ErrorCode> Completed);
