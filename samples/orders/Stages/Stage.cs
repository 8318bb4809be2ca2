using System.Collections.Concurrent;
using System.Text.Json;
using Caudal.Client;
using Caudal.Protocol;
using Orders.Model;
using Orders.Payments;
using Orders.Views;

namespace Orders.Stages;

/// <summary>What every stage works with.</summary>
internal sealed record StageContext(
    KafkaClient Client,
    Outbox Outbox,
    OrderBook Book,
    DeadLetters DeadLetters,
    OrdersOptions Options,
    ILogger Logger);

/// <summary>One step of the pipeline: a consumer group that reads topics, decides on each order and writes what it decided.</summary>
/// <remarks>
/// At least once: offsets are committed up to the first record that is not done. What is seen again after a crash is recognised in the
/// <see cref="OrderBook"/>, which knows everything that was written before. Records that cannot be parsed, or fail three times, go to
/// the dead letters; a service or broker that is away is waited for instead.
/// </remarks>
internal abstract partial class Stage(StageContext context, string name, params string[] sources)
{
    private const int Attempts = 3;

    private readonly ConcurrentDictionary<string, byte> _inProgress = new();
    private readonly Lock _pauseLock = new();
    private Task _pause = Task.CompletedTask;

    /// <summary>How many records are worked on at a time.</summary>
    protected virtual int Parallelism => 2048;

    protected StageContext Context { get; } = context;

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var consumer = Context.Client.CreateConsumer(new ConsumerOptions<string?, byte[]?>(Serdes.Utf8, Serdes.ByteArray)
        {
            GroupId = $"orders-{name}",
            // A static member: started again after a crash it takes its partitions over at once,
            // instead of waiting until its former self is given up.
            GroupInstanceId = $"{name}-{Context.Options.InstanceName}",
            SessionTimeout = TimeSpan.FromSeconds(10),
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoOffsetStore = false,
            // Waiting for a service that is away is part of the work, however long it takes.
            MaxPollInterval = TimeSpan.FromHours(24),
        });
        consumer.Subscribe(sources);
        var room = new SemaphoreSlim(Parallelism);
        var done = new Dictionary<TopicPartition, Task>();
        await foreach (var batch in consumer.ConsumeBatchesAsync(cancellationToken))
        {
            var work = new List<Task>(batch.Count);
            foreach (var record in Copy(batch))
            {
                await room.WaitAsync(cancellationToken);
                work.Add(HandleAsync(consumer, record, room, cancellationToken));
            }

            var before = done.GetValueOrDefault(batch.TopicPartition, Task.CompletedTask);
            done[batch.TopicPartition] = StoreAsync(
                consumer, before, work, new TopicPartitionOffset(batch.TopicPartition, batch.NextOffset));
        }
    }

    /// <summary>A batch counts as done, so that its end may be committed, when all of its records are and all batches before it.</summary>
    private static async Task StoreAsync(Consumer<string?, byte[]?> consumer, Task before, List<Task> work, TopicPartitionOffset end)
    {
        await before;
        await Task.WhenAll(work);
        consumer.StoreOffset(end);
    }

    /// <summary>The records in memory of their own: the batch is given back before they are done.</summary>
    private static List<Incoming> Copy(ConsumeBatch<string?, byte[]?> batch)
    {
        var records = new List<Incoming>(batch.Count);
        foreach (var record in batch)
            records.Add(new Incoming(batch.Topic, batch.Partition, record.Offset, record.Key, record.Value));
        return records;
    }

    /// <summary>Decides on one order and writes the decision.</summary>
    protected abstract Task ProcessAsync(Order order, string source, CancellationToken cancellationToken);

    /// <summary>Writes what was decided, and notes it in the book once the broker has it.</summary>
    protected async Task EmitAsync(string topic, Order order, OrderState state, CancellationToken cancellationToken)
    {
        await Context.Outbox.SendAsync(topic, order.Id, order with { Status = state.ToString().ToLowerInvariant() }, cancellationToken);
        Context.Book.Reach(order, state, Context.Options.TimeProvider.GetUtcNow(), order.Reason);
    }

    private async Task HandleAsync(
        Consumer<string?, byte[]?> consumer,
        Incoming record,
        SemaphoreSlim room,
        CancellationToken cancellationToken)
    {
        try
        {
            if (Parse(record) is { } order)
                await ProcessOnceAsync(consumer, record, order, cancellationToken);
            else
                await DeadLetterAsync(record, DeadLetters.ParseError, "The value is not an order in JSON.", cancellationToken);
        }
        finally
        {
            room.Release();
        }
    }

    /// <summary>
    /// The same order again while it is worked on: whoever came first does the work, and offsets are stored only after that.
    /// </summary>
    private async Task ProcessOnceAsync(
        Consumer<string?, byte[]?> consumer,
        Incoming record,
        Order order,
        CancellationToken cancellationToken)
    {
        if (!_inProgress.TryAdd(order.Id, 0))
            return;
        try
        {
            await ProcessPatientlyAsync(consumer, record, order, cancellationToken);
        }
        finally
        {
            _inProgress.TryRemove(order.Id, out _);
        }
    }

    private async Task ProcessPatientlyAsync(
        Consumer<string?, byte[]?> consumer,
        Incoming record,
        Order order,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ;)
        {
            try
            {
                await ProcessAsync(order, record.Topic, cancellationToken);
                return;
            }
            catch (PaymentUnavailableException e)
            {
                await PauseAsync(consumer, e.RetryAfter, e.Message, cancellationToken);
            }
            catch (KafkaException e)
            {
                await PauseAsync(consumer, TimeSpan.FromSeconds(1), e.Message, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                if (attempt == Attempts || e is PaymentRefusedException)
                {
                    await DeadLetterAsync(record, DeadLetters.ProcessingFailed, e.Message, cancellationToken);
                    return;
                }

                await Task.Delay(TimeSpan.FromSeconds(1 << (attempt - 1)), Context.Options.TimeProvider, cancellationToken);
                attempt++;
            }
        }
    }

    private async Task DeadLetterAsync(Incoming record, string reason, string detail, CancellationToken cancellationToken)
    {
        Log.DeadLettered(Context.Logger, name, record.Topic, record.Partition, record.Offset, reason, detail);
        while (true)
        {
            try
            {
                await Context.DeadLetters.SendAsync(record, reason, detail, cancellationToken);
                return;
            }
            catch (KafkaException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), Context.Options.TimeProvider, cancellationToken);
            }
        }
    }

    /// <summary>Stops fetching for a while; records that fail for the same reason in the meantime wait for the same pause.</summary>
    private Task PauseAsync(Consumer<string?, byte[]?> consumer, TimeSpan time, string why, CancellationToken cancellationToken)
    {
        lock (_pauseLock)
        {
            if (_pause.IsCompleted)
                _pause = WaitPausedAsync(consumer, time, why, cancellationToken);
            return _pause;
        }
    }

    private async Task WaitPausedAsync(Consumer<string?, byte[]?> consumer, TimeSpan time, string why, CancellationToken cancellationToken)
    {
        Log.Paused(Context.Logger, name, time.TotalSeconds, why);
        var partitions = consumer.Assignment.ToArray();
        consumer.Pause(partitions);
        try
        {
            await Task.Delay(
                time < TimeSpan.FromMilliseconds(100) ? TimeSpan.FromMilliseconds(100) : time,
                Context.Options.TimeProvider,
                cancellationToken);
        }
        finally
        {
            consumer.Resume(partitions);
        }
    }

    private static Order? Parse(Incoming record)
    {
        try
        {
            var order = record.Value is { Length: > 0 } value ? JsonSerializer.Deserialize(value, OrdersJson.Default.Order) : null;
            return order is { Id.Length: > 0, Customer: not null, Product: not null } ? order : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Warning, "Stage {Stage}: {Topic}-{Partition} offset {Offset} goes to the dead letters ({Reason}): {Detail}")]
        public static partial void DeadLettered(
            ILogger logger,
            string stage,
            string topic,
            int partition,
            long offset,
            string reason,
            string detail);

        [LoggerMessage(2, LogLevel.Warning, "Stage {Stage} pauses its partitions for {Seconds} s: {Why}")]
        public static partial void Paused(ILogger logger, string stage, double seconds, string why);
    }
}
