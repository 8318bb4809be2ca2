using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Client.Producing;

/// <summary>Records of one partition that travel together, as the bytes that go over the wire.</summary>
/// <remarks>
/// Its <see cref="PartitionQueue"/>'s lock guards it until it is done; compressing works on a batch that nobody appends to any more.
/// </remarks>
internal sealed class ProducerBatch : IThreadPoolWorkItem, IDisposable
{
    private readonly BatchPools _pools;
    private readonly RecordBatchWriter _writer;
    private readonly int _expectedCompletions;
    private Completion[] _completions = [];
    private int _completionCount;
    private PooledBuffer? _compressed;
    private TaskCompletionSource? _done;

    /// <summary>Creates an empty batch.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="pools">Where its memory comes from.</param>
    /// <param name="capacity">The bytes to start with: those of the batch before save growing.</param>
    /// <param name="expectedCompletions">The completions to make room for with the first one.</param>
    /// <param name="created">The clock's timestamp.</param>
    public ProducerBatch(PartitionQueue partition, BatchPools pools, int capacity, int expectedCompletions, long created)
    {
        Partition = partition;
        Created = created;
        _pools = pools;
        _expectedCompletions = expectedCompletions;
        _writer = new RecordBatchWriter(capacity, pools.Buffers);
    }

    public PartitionQueue Partition { get; }

    /// <summary>The clock's timestamp of its first record.</summary>
    public long Created { get; }

    /// <summary>How many bytes of the budget it holds.</summary>
    public long Reserved { get; set; }

    /// <summary>Whether it may be sent although it is not full.</summary>
    public bool IsDue { get; set; }

    /// <summary>Whether its bytes can be sent: it is compressed, if it is to be.</summary>
    public bool IsPrepared { get; private set; }

    /// <summary>Whether it was handed to a connection that broke, or an answer left it open: it may have been written.</summary>
    public bool IsUnsure { get; set; }

    /// <summary>Whether it was handed out to be sent, ever.</summary>
    public bool WasSent { get; set; }

    /// <summary>Whether somebody awaits one of its records.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>Whether it was acknowledged or given up.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The sequence number of its first record, −1 while it has none.</summary>
    public int BaseSequence { get; set; } = -1;

    /// <summary>What its header says of the producer.</summary>
    public RecordBatchProducer Producer { get; set; }

    /// <summary>What went wrong last.</summary>
    public KafkaException? LastError { get; set; }

    public int Count => _writer.Count;

    /// <summary>How many runs of records somebody is told of.</summary>
    public int CompletionCount => _completionCount;

    /// <summary>The bytes that it adds to a request.</summary>
    public int SizeInBytes => _compressed?.WrittenCount ?? _writer.SizeInBytes;

    /// <summary>The bytes of its records before compression.</summary>
    public int RawBytes => _writer.SizeInBytes;

    public bool TryAppend(
        long timestamp,
        ReadOnlySpan<byte> key,
        bool keyIsNull,
        ReadOnlySpan<byte> value,
        bool valueIsNull,
        ReadOnlySpan<RecordHeader> headers,
        int limit) =>
        _writer.TryAppend(timestamp, key, keyIsNull, value, valueIsNull, headers, limit);

    /// <summary>Remembers who is to be told of the record that was appended last.</summary>
    public void Track(object target, long timestamp)
    {
        var index = _writer.Count - 1;
        if (_completionCount > 0)
        {
            ref var last = ref _completions[_completionCount - 1];
            if (ReferenceEquals(last.Target, target) && last.Timestamp == timestamp && last.Index + last.Count == index)
            {
                last.Count++;
                return;
            }
        }

        Add(new Completion(target, index, 1, timestamp));
        IsAwaited |= target is PendingDelivery;
    }

    /// <summary>Gives the buffers back; the bytes must not be read any more.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _compressed?.Dispose();
    }

    /// <summary>Makes the bytes ready to be sent; called once, when nothing is appended any more.</summary>
    public void Seal()
    {
        if (Partition.Options.Compression == CompressionType.None)
            IsPrepared = true;
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Stamps the batch and computes its checksum.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        if (_compressed is null)
            return _writer.Finish(Producer);
        // The buffer is this batch's own; it exposes its memory only for reading because it could move when it grows, which is over.
        var memory = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_compressed.WrittenMemory);
        _writer.WriteHeader(memory.Span, (int)Partition.Options.Compression, Producer);
        return memory;
    }

    void IThreadPoolWorkItem.Execute()
    {
        var options = Partition.Options;
        var compressed = new PooledBuffer((_writer.SizeInBytes / 2) + RecordBatchHeader.Size);
        compressed.GetSpan(RecordBatchHeader.Size);
        compressed.Advance(RecordBatchHeader.Size);
        Codec.Compress(options.Compression, _writer.Records.Span, compressed, options.CompressionLevel);
        lock (Partition.Lock)
        {
            IsPrepared = true;
            if (IsDone)
            {
                compressed.Dispose();
                return;
            }

            _compressed = compressed;
            Partition.TrySchedule_UnderLock();
        }
    }

    /// <summary>
    /// Makes two batches of this one, which is done with: the first and the second half of its records, and those who are to be told of
    /// them.
    /// </summary>
    public (ProducerBatch First, ProducerBatch Second) Split_UnderLock()
    {
        var half = Count / 2;
        var (first, second) = (Half(), Half());
        (first.Reserved, second.Reserved) = (Reserved / 2, Reserved - (Reserved / 2));
        var index = 0;
        foreach (var record in RecordBatchView.Read(_writer.Finish(RecordBatchProducer.None).Span).GetRecords())
        {
            var target = index++ < half ? first : second;
            target._writer.TryAppend(
                record.Timestamp, record.Key, record.IsKeyNull, record.Value, record.IsValueNull, record.Headers.ToArray(), int.MaxValue);
        }

        foreach (var run in _completions.AsSpan(0, _completionCount))
        {
            var ahead = Math.Clamp(half - run.Index, 0, run.Count);
            if (ahead > 0)
                first.Add(run with { Count = ahead });
            if (ahead < run.Count)
                second.Add(run with { Index = run.Index + ahead - half, Count = run.Count - ahead });
        }

        if (_done is { } done)
            _ = Task.WhenAll(
                first.WhenDone_UnderLock(), second.WhenDone_UnderLock()).ContinueWith(_ => done.TrySetResult(), TaskScheduler.Default);
        IsDone = true;
        ReturnCompletions();
        Dispose();
        return (first, second);
    }

    /// <summary>A task that completes when the batch is done and everybody was told.</summary>
    public Task WhenDone_UnderLock() => (_done ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Marks it as acknowledged or given up.</summary>
    /// <param name="reuse">Whether nobody reads its bytes any more, so that the buffers can go back to their pools.</param>
    /// <returns>Whether somebody is to be told.</returns>
    public bool Finish_UnderLock(bool reuse)
    {
        IsDone = true;
        // What is being compressed is left to the collector.
        if (reuse && IsPrepared)
            Dispose();

        return _completionCount > 0 || _done is not null;
    }

    /// <summary>Tells everybody.</summary>
    public void Tell(long baseOffset, long logAppendTime, KafkaException? error, Action<Exception> onHandlerError)
    {
        var firstOffset = error is null ? baseOffset : -1;
        foreach (ref readonly var completion in _completions.AsSpan(0, _completionCount))
        {
            var timestamp = DateTimeOffset.FromUnixTimeMilliseconds(logAppendTime >= 0 ? logAppendTime : completion.Timestamp);
            if (completion.Target is IDeliveryHandler handler)
                Tell(handler, completion, firstOffset, timestamp, error, onHandlerError);
            else if (error is null)
                ((PendingDelivery)completion.Target).Succeed(Metadata(completion.Index, firstOffset, timestamp));
            else
                ((PendingDelivery)completion.Target).Fail(error);
        }

        ReturnCompletions();
        _done?.TrySetResult();
    }

    private ProducerBatch Half() =>
        new(
            Partition,
            _pools,
            (RawBytes / 2) + RecordBatchHeader.Size,
            _completionCount,
            Created)
        { IsDue = true, IsAwaited = IsAwaited, LastError = LastError };

    private void Add(Completion run)
    {
        if (_completionCount == _completions.Length)
            GrowCompletions();
        _completions[_completionCount++] = run;
    }

    private void ReturnCompletions()
    {
        if (_completions.Length > 0)
            _pools.Completions.Return(_completions, clearArray: true);
        _completions = [];
        _completionCount = 0;
    }

    private void Tell(
        IDeliveryHandler handler,
        in Completion run,
        long firstOffset,
        DateTimeOffset timestamp,
        KafkaException? error,
        Action<Exception> onHandlerError)
    {
        for (var i = run.Index; i < run.Index + run.Count; i++)
        {
            try
            {
                handler.OnDelivered(Metadata(i, firstOffset, timestamp), error);
            }
            catch (Exception e)
            {
                onHandlerError(e);
            }
        }
    }

    private RecordMetadata Metadata(int index, long firstOffset, DateTimeOffset timestamp) =>
        new(Partition.Topic.Name, Partition.Index, firstOffset < 0 ? -1 : firstOffset + index, timestamp);

    private void GrowCompletions()
    {
        var larger = _pools.Completions.Rent(Math.Max(Math.Max(16, _expectedCompletions), _completions.Length * 2));
        _completions.AsSpan(0, _completionCount).CopyTo(larger);
        if (_completions.Length > 0)
            _pools.Completions.Return(_completions, clearArray: true);
        _completions = larger;
    }
}
