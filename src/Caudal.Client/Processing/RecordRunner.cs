using System.Collections.Concurrent;
using Caudal.Client.Consuming;
using Caudal.Protocol.Records;

namespace Caudal.Client.Processing;

/// <summary>Hands records to handlers, many at a time, for as long as <c>RunAsync</c> runs.</summary>
/// <remarks>
/// One flow asks the consumer for batches and admits their records; up to <see cref="ProcessingOptions.MaxConcurrency"/> loops take records
/// that may be handled, and end when there is none.
/// </remarks>
internal sealed class RecordRunner<TKey, TValue> : IRecordRunner, IDisposable
{
    private readonly ConsumerEngine _engine;
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private readonly Func<ConsumeResult<TKey, TValue>, CancellationToken, ValueTask> _handler;
    private readonly ProcessingOptions _options;
    private readonly RecordScheduler<PendingRecord<TKey, TValue>> _scheduler;
    private readonly CancellationTokenSource _stop;
    private readonly AsyncSignal _finished = new();
    private readonly ConcurrentDictionary<TopicPartition, bool> _touched = [];

    // Guards the following.
    private readonly Lock _lock = new();
    private TaskCompletionSource? _ended;
    private int _active;
    private Exception? _error;

    public RecordRunner(
        ConsumerEngine engine,
        RecordDecoder<TKey, TValue> decoder,
        Func<ConsumeResult<TKey, TValue>, CancellationToken, ValueTask> handler,
        ProcessingOptions options,
        CancellationToken cancellationToken)
    {
        _engine = engine;
        _decoder = decoder;
        _handler = handler;
        _options = options;
        _scheduler = new RecordScheduler<PendingRecord<TKey, TValue>>(options.Ordering, options.MaxPending);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Cancelled = cancellationToken;
    }

    public bool IsBusy => _scheduler.IsBusy;

    private CancellationToken Cancelled { get; }

    private Exception? Error
    {
        get
        {
            lock (_lock)
                return _error;
        }
    }

    public Task DrainAsync(IReadOnlyCollection<TopicPartition>? partitions) => _scheduler.GiveUpAsync(partitions, cancel: false);

    public void Lose(IReadOnlyCollection<TopicPartition> partitions) => _ = _scheduler.GiveUpAsync(partitions, cancel: true);

    /// <summary>
    /// Runs until cancelled, until a record stops it, or until the consumer fails. Ends when nothing is running any more.
    /// </summary>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var lease = await _engine.NextAsync(false, Timeout.InfiniteTimeSpan, _stop.Token).ConfigureAwait(false);
                await AdmitAsync(lease!).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested && Error is { } stopped)
        {
            throw stopped;
        }
        finally
        {
            // Handlers that are running end as they like, or are cancelled with the caller's token; nothing new begins.
            await _scheduler.GiveUpAsync(null, cancel: false).ConfigureAwait(false);
            await WaitForLoopsAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The partitions of which records were taken.</summary>
    public IEnumerable<TopicPartition> Touched => _touched.Keys;

    public void Dispose() => _stop.Dispose();

    private async ValueTask AdmitAsync(RecordBatchLease lease)
    {
        var (position, index) = (0, 0);
        try
        {
            while (index < lease.RecordCount && !lease.IsStale && !_engine.IsInterrupted)
            {
                var work = _scheduler.Find(lease.Cursor, lease.Track, Cancelled, out var drained);
                if (work is null)
                    await drained.WaitAsync(_stop.Token).ConfigureAwait(false);
                else if (!_scheduler.HasRoom)
                    await _finished.WaitAsync(_stop.Token).ConfigureAwait(false);
                else
                    Admit(lease, work, ref position, ref index);
            }
        }
        finally
        {
            if (index < lease.RecordCount)
                _engine.CutShort(lease);
            else
                lease.Dispose();
        }
    }

    private void Admit(RecordBatchLease lease, PartitionWork<PendingRecord<TKey, TValue>> work, ref int position, ref int index)
    {
        var raw = lease.ReadAt(position, index);
        var (offset, key) = (raw.Offset, KeyOf(raw));
        PendingRecord<TKey, TValue> record;
        try
        {
            record = new PendingRecord<TKey, TValue>(_decoder.Read(lease, ref position, ref index), null);
        }
        catch (RecordDeserializationException e)
        {
            record = new PendingRecord<TKey, TValue>(default, e);
        }

        _touched.TryAdd(work.Partition, true);
        if (_scheduler.Admit(work, offset, key, record))
            StartLoop();
    }

    private int? KeyOf(RecordView record)
    {
        if (_options.Ordering != ProcessingOrder.Key || record.IsKeyNull)
            return null;
        var hash = default(HashCode);
        hash.AddBytes(record.Key);
        return hash.ToHashCode();
    }

    private void StartLoop()
    {
        lock (_lock)
        {
            if (_active >= _options.MaxConcurrency)
                return;
            _active++;
        }

        _ = Task.Run(LoopAsync);
    }

    private async Task LoopAsync()
    {
        while (Error is null && _scheduler.TryTake(out var item))
        {
            var isDone = false;
            try
            {
                isDone = await HandleAsync(item).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Stop(new ProcessingException(new TopicPartitionOffset(item.Work.Partition, item.Offset), e));
            }

            _scheduler.Finish(item, isDone);
            _engine.NoteActivity();
            _finished.Set();
        }

        lock (_lock)
        {
            _active--;
            if (_active == 0)
                _ended?.TrySetResult();
        }

        // Something may have become ready between the last look and the end.
        if (Error is null && _scheduler.HasReady)
            StartLoop();
    }

    // False if the record is to come again.
    private async ValueTask<bool> HandleAsync(WorkItem<PendingRecord<TKey, TValue>> item)
    {
        var (record, error) = item.Record;
        var token = item.Work.Lost;
        if (token.IsCancellationRequested)
            return false;
        Exception failure;
        try
        {
            if (error is null)
            {
                if (ClientTelemetry.TracesProcessing)
                    await HandleTracedAsync(record, token).ConfigureAwait(false);
                else
                    await _handler(record, token).ConfigureAwait(false);
                return true;
            }

            failure = error;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e)
        {
            failure = e;
        }

        var place = new TopicPartitionOffset(item.Work.Partition, item.Offset);
        var action = await _options.OnError(new ProcessingError(place, failure), token).ConfigureAwait(false);
        if (action == ProcessingErrorAction.Skip)
            return true;
        Stop(new ProcessingException(place, failure));
        return false;
    }

    private async ValueTask HandleTracedAsync(ConsumeResult<TKey, TValue> record, CancellationToken cancellationToken)
    {
        var (clock, group) = (_engine.Clock, _engine.Options.GroupId);
        var start = clock.GetTimestamp();
        using var activity = ClientTelemetry.StartProcess(record.TopicPartition, record.Offset, group, record.Headers);
        Exception? error = null;
        try
        {
            await _handler(record, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            ClientTelemetry.EndProcess(activity, record.Topic, group, error, clock.GetElapsedTime(start));
        }
    }

    private void Stop(Exception error)
    {
        lock (_lock)
            _error ??= error;
        _stop.Cancel();
    }

    private Task WaitForLoopsAsync()
    {
        lock (_lock)
        {
            if (_active == 0)
                return Task.CompletedTask;
            _ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _ended.Task;
        }
    }
}
