using System.Threading.Channels;
using Caudal.Protocol;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker.Groups;

/// <summary>
/// Appends the coordinator's records in the order in which they were decided, as many at once as have gathered while the last append was
/// under way.
/// </summary>
/// <remarks>
/// The coordinator hands a write over under its lock, so the order in the log is the order of its decisions. When the append is done the
/// write's
/// <see cref="OffsetsWrite.Completed"/> is called under the lock again, one write after the other in the same order: what the coordinator
/// then changes follows the log.
/// </remarks>
internal sealed partial class OffsetsWriter : IAsyncDisposable
{
    // What one append may hold; a larger write goes alone.
    private const int MaxAppendBytes = 1 << 20;

    private readonly IOffsetsLog _log;
    private readonly Lock _gate;
    private readonly ILogger _logger;
    private readonly Channel<OffsetsWrite> _queue =
        Channel.CreateUnbounded<OffsetsWrite>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _running;

    /// <summary>Starts to write.</summary>
    /// <param name="log">Where the records go.</param>
    /// <param name="gate">The coordinator's lock.</param>
    /// <param name="logger">The coordinator's log.</param>
    public OffsetsWriter(IOffsetsLog log, Lock gate, ILogger logger)
    {
        _log = log;
        _gate = gate;
        _logger = logger;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Hands a write over; called under the lock.</summary>
    /// <returns>False after the writer was disposed: the write is not made and not completed.</returns>
    public bool TryWrite(OffsetsWrite write) => _queue.Writer.TryWrite(write);

    /// <summary>Makes the writes that were handed over, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        var writes = new List<OffsetsWrite>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            Gather(writes);
            var errors = await AppendAsync(writes).ConfigureAwait(false);
            lock (_gate)
            {
                for (var i = 0; i < writes.Count; i++)
                    Complete(writes[i], errors[writes[i].Partition]);
            }

            writes.Clear();
        }
    }

    private void Gather(List<OffsetsWrite> writes)
    {
        var bytes = 0;
        while (_queue.Reader.TryPeek(out var write))
        {
            bytes += write.SizeInBytes;
            if (writes.Count > 0 && bytes > MaxAppendBytes)
                return;
            writes.Add(write);
            _queue.Reader.TryRead(out _);
        }
    }

    private async Task<Dictionary<int, ErrorCode>> AppendAsync(List<OffsetsWrite> writes)
    {
        var byPartition = new Dictionary<int, List<OffsetsRecord>>();
        foreach (var write in writes)
        {
            if (!byPartition.TryGetValue(write.Partition, out var records))
                byPartition[write.Partition] = records = [];
            records.AddRange(write.Records);
        }

        // All partitions at once: where the disk is waited for, one flush serves them.
        var appends = new List<(int Partition, Task<ErrorCode> Append)>(byPartition.Count);
        foreach (var (partition, records) in byPartition)
            appends.Add((partition, AppendAsync(partition, records)));
        var errors = new Dictionary<int, ErrorCode>(appends.Count);
        foreach (var (partition, append) in appends)
            errors[partition] = await append.ConfigureAwait(false);
        return errors;
    }

    private async Task<ErrorCode> AppendAsync(int partition, List<OffsetsRecord> records)
    {
        try
        {
            var error = await _log.AppendAsync(partition, records, CancellationToken.None).ConfigureAwait(false);
            if (error != ErrorCode.None)
                Log.Refused(_logger, records.Count, partition, error);
            return error;
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e, records.Count, partition);
            return ErrorCode.KafkaStorageError;
        }
    }

    private void Complete(OffsetsWrite write, ErrorCode error)
    {
        try
        {
            write.Completed(Translate(error));
        }
        catch (Exception e)
        {
            // One group's trouble must not end the writing for all.
            Log.CompletionFailed(_logger, e);
        }
    }

    // What clients of a group understand: they look for the coordinator again and retry, but for records that will never fit.
    private static ErrorCode Translate(ErrorCode error) => error switch
    {
        ErrorCode.None => ErrorCode.None,
        ErrorCode.MessageTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidRecord => ErrorCode.UnknownServerError,
        _ => ErrorCode.CoordinatorNotAvailable,
    };

    private static partial class Log
    {
        [LoggerMessage(
            4101,
            LogLevel.Warning,
            "{Count} records could not be appended to partition {Partition} of __consumer_offsets: {Error}. The clients try again.")]
        public static partial void Refused(ILogger logger, int count, int partition, ErrorCode error);

        [LoggerMessage(
            4102,
            LogLevel.Error,
            "{Count} records could not be appended to partition {Partition} of __consumer_offsets. The clients were told to try again.")]
        public static partial void Failed(ILogger logger, Exception exception, int count, int partition);

        [LoggerMessage(4103, LogLevel.Error, "What follows an append to __consumer_offsets failed unexpectedly.")]
        public static partial void CompletionFailed(ILogger logger, Exception exception);
    }
}

/// <summary>Records that are appended together, and what happens then.</summary>
/// <param name="Partition">The partition of <c>__consumer_offsets</c>.</param>
/// <param name="Records">The records, at least one.</param>
/// <param name="Completed">Called under the coordinator's lock, with the error to tell to the client.</param>
internal sealed record OffsetsWrite(int Partition, List<OffsetsRecord> Records, Action<ErrorCode> Completed)
{
    /// <summary>The size of keys and values in bytes.</summary>
    public int SizeInBytes
    {
        get
        {
            var size = 0;
            foreach (var record in Records)
                size += record.Key.Length + (record.Value?.Length ?? 0);
            return size;
        }
    }
}
