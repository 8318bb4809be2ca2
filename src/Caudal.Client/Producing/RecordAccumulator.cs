using System.Collections.Concurrent;
using Caudal.Client.Connections;
using Caudal.Client.Metadata;
using Caudal.Client.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Producing;

/// <summary>
/// Everything of a producer that does not depend on the types of its records: topics, batches, memory, senders. Thread safe.
/// </summary>
internal sealed partial class RecordAccumulator : IAsyncDisposable
{
    // Memory is taken for a batch in steps of this size, so that a record costs no interlocked operation.
    private const int LargestStep = 16 * 1024;

    private readonly KafkaClient _client;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, ProducerTopic> _topics = new();
    private readonly ConcurrentDictionary<int, BrokerSender> _senders = new();
    private readonly CompletionQueue _completions;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ExponentialBackoff _backoff;
    private readonly ITimer _sweep;
    private readonly TimeProvider _clock;
    private readonly long _deliveryTicks;
    private readonly int _step;

    // Guards the following.
    private readonly Lock _lock = new();
    private Task<ProducerIdentity>? _identity;
    private Task? _closing;

    private int _closed;

    public RecordAccumulator(KafkaClient client, ProducerOptions options)
    {
        _client = client;
        Options = options;
        _clock = client.Options.TimeProvider;
        _logger = client.Options.LoggerFactory.CreateLogger<RecordAccumulator>();
        _backoff = new ExponentialBackoff(client.Options.RetryBackoff, client.Options.RetryBackoffMax);
        _completions = new CompletionQueue(_logger);
        Budget = new MemoryBudget(options.BufferMemory);
        Pools = new BatchPools(options);
        Timers = new PartitionTimers(_clock);
        LingerTicks = Ticks(options.Linger);
        RetryTicks = Ticks(client.Options.RetryBackoff);
        _deliveryTicks = Ticks(options.DeliveryTimeout);
        Transactions = options.TransactionalId is { } id ? new TransactionSession(this, id) : null;
        _step = (int)Math.Clamp(options.BufferMemory / 64, 512, LargestStep);
        client.Metadata.Changed += OnMetadata;
        var period = TimeSpan.FromMilliseconds(Math.Clamp(options.DeliveryTimeout.TotalMilliseconds / 10, 10, 1000));
        _sweep = _clock.CreateTimer(static self => ((RecordAccumulator)self!).Sweep(), this, period, period);
    }

    public KafkaClient Client => _client;

    public ProducerOptions Options { get; }

    public MemoryBudget Budget { get; }

    public BatchPools Pools { get; }

    /// <summary>The producer's transactions; null if it has none.</summary>
    public TransactionSession? Transactions { get; }

    /// <summary>Every partition that was produced to.</summary>
    public IEnumerable<PartitionQueue> Partitions => _topics.Values.SelectMany(topic => topic.Partitions);

    public PartitionTimers Timers { get; }

    /// <summary>The clock's timestamp.</summary>
    public long Now => _clock.GetTimestamp();

    /// <summary>The time in milliseconds since 1970.</summary>
    public long UnixTime => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    public long LingerTicks { get; }

    public long RetryTicks { get; }

    /// <summary>Cancelled when the producer stops for good.</summary>
    public CancellationToken Stopped => _stopped.Token;

    /// <summary>The wait after so many failures in a row, in ticks of the clock.</summary>
    public long BackoffTicks(int failures) => Ticks(_backoff.After(failures));

    /// <summary>
    /// The wait before a batch that failed is sent again. While the markers of the transaction before are written it is short.
    /// </summary>
    public long RetryTicksAfter(int failures, KafkaException error)
    {
        var ticks = BackoffTicks(failures);
        return error is BrokerErrorException { Code: ErrorCode.ConcurrentTransactions }
            ? Math.Min(ticks, Ticks(TimeSpan.FromMilliseconds(20)))
            : ticks;
    }

    /// <exception cref="ClientClosedException">The producer is closed.</exception>
    public void ThrowIfClosed()
    {
        if (Volatile.Read(ref _closed) != 0)
            throw new ClientClosedException("The producer is closed: it takes no more records.");
    }

    /// <summary>Finds a topic that was produced to before.</summary>
    public bool TryGetTopic(string name, out ProducerTopic topic) => _topics.TryGetValue(name, out topic!) && topic.Partitions.Length > 0;

    /// <summary>Finds a topic; asks for it if it is new.</summary>
    /// <exception cref="KafkaException">It was not found in time, or may not be used.</exception>
    public async ValueTask<ProducerTopic> GetTopicAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, "topic");
        var metadata = await _client.Metadata.WaitForTopicAsync(
            name, Options.AllowAutoCreateTopics, Options.MaxBlock, "max.block.ms", cancellationToken).ConfigureAwait(false);
        var topic = _topics.GetOrAdd(name, static (n, self) => new ProducerTopic(self, n), this);
        topic.Update(metadata);
        return topic;
    }

    /// <summary>Takes memory for a batch that is to grow by so many bytes.</summary>
    /// <returns>Whether there was enough.</returns>
    public bool Grow(ProducerBatch batch, int size)
    {
        var needed = batch.RawBytes + size - batch.Reserved;
        if (needed <= 0)
            return true;
        var taken = Math.Max(needed, _step);
        if (!Budget.TryReserve(taken))
        {
            taken = needed;
            if (!Budget.TryReserve(taken))
                return false;
        }

        batch.Reserved += taken;
        return true;
    }

    /// <summary>The sender of a broker, null if there is no such broker.</summary>
    public BrokerSender? SenderOf(int brokerId) =>
        brokerId < 0 ? null : _senders.GetOrAdd(brokerId, static (id, self) => new BrokerSender(self, id), this);

    /// <summary>Asks for a topic's leaders, soon.</summary>
    public void RefreshTopic(string topic) => _client.Metadata.RefreshInBackground(topic);

    /// <summary>The id under which batches are numbered; none if they are not.</summary>
    /// <exception cref="KafkaException">The cluster gives none.</exception>
    public ValueTask<ProducerIdentity> IdentityAsync()
    {
        if (Transactions is not null)
            return ValueTask.FromResult(Transactions.Identity);
        if (!Options.IsIdempotent)
            return ValueTask.FromResult(ProducerIdentity.None);
        lock (_lock)
        {
            if (_identity is null or { IsFaulted: true } or { IsCanceled: true })
                _identity = AskIdentityAsync();
            return new ValueTask<ProducerIdentity>(_identity);
        }
    }

    /// <summary>
    /// Starts a partition's numbers anew (KIP-360): the same id with the next epoch, or, after 32,767 of them, another id.
    /// </summary>
    public void NewEpoch(ref long producerId, ref short epoch)
    {
        Log.NewEpoch(_logger, producerId, epoch);
        if (epoch < short.MaxValue)
        {
            epoch++;
            return;
        }

        producerId = -1;
        epoch = -1;
        lock (_lock)
            _identity = null;
    }

    /// <summary>A batch is acknowledged or given up: frees its memory, and tells whoever waits for it.</summary>
    public void Done(ProducerBatch batch, bool tell, long baseOffset, long logAppendTime, KafkaException? error)
    {
        Budget.Release(batch.Reserved);
        if (error is not null)
            Log.Lost(_logger, batch.Count, batch.Partition.Topic.Name, batch.Partition.Index, error.Message);
        if (tell)
            _completions.Add(batch, baseOffset, logAppendTime, error);
    }

    /// <summary>Sends everything that lingers: somebody waits for memory.</summary>
    public void HurryAll()
    {
        foreach (var topic in _topics.Values)
        {
            foreach (var partition in topic.Partitions)
                partition.Hurry();
        }
    }

    /// <summary>Sends what there is, and waits until it is acknowledged or given up, and everybody was told.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        List<Task> tasks = [];
        foreach (var topic in _topics.Values)
        {
            foreach (var partition in topic.Partitions)
                partition.Flush(tasks);
        }

        await Task.WhenAll(tasks).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes no more records, and waits for those that are under way; when the token is cancelled they are given up.</summary>
    public Task CloseAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _closing ??= CloseOnceAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(Options.CloseTimeout, _clock);
        try
        {
            await CloseAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What was given up was told to those who wait for it, and logged.
        }
    }

    private async Task CloseOnceAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _closed, 1);
        try
        {
            if (Transactions is not null)
                await Transactions.CloseAsync(cancellationToken).ConfigureAwait(false);
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _client.Metadata.Changed -= OnMetadata;
            await _sweep.DisposeAsync().ConfigureAwait(false);
            Timers.Dispose();
            await _stopped.CancelAsync().ConfigureAwait(false);
            var closed = new ClientClosedException(
                "The producer was closed before the record was acknowledged; whether it was written is not known.");
            foreach (var topic in _topics.Values)
            {
                foreach (var partition in topic.Partitions)
                    partition.Abandon(closed);
            }

            await Task.WhenAll(_senders.Values.Select(sender => sender.StopAsync())).ConfigureAwait(false);
        }
    }

    private void OnMetadata(ClusterSnapshot snapshot)
    {
        foreach (var topic in _topics.Values)
        {
            if (snapshot.Topics.TryGetValue(topic.Name, out var metadata))
                topic.Update(metadata);
        }
    }

    private void Sweep()
    {
        var oldest = Now - _deliveryTicks;
        foreach (var topic in _topics.Values)
        {
            foreach (var partition in topic.Partitions)
                partition.Expire(oldest);
        }
    }

    private async Task<ProducerIdentity> AskIdentityAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var request = new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = int.MaxValue };
        for (var failures = 1; ; failures++)
        {
            try
            {
                var response = await _client.Router.SendAsync<InitProducerIdRequest, InitProducerIdResponse>(
                    BrokerTarget.Any, _ => request, default, Stopped).ConfigureAwait(false);
                var error = (ErrorCode)response.ErrorCode;
                if (error == ErrorCode.None)
                    return new ProducerIdentity(response.ProducerId, response.ProducerEpoch);
                throw new BrokerErrorException(error, "The cluster gives no producer id; without one, set enable.idempotence to false");
            }
            catch (KafkaException e) when (e.IsRetriable)
            {
                Log.NoIdentity(_logger, e.Message);
            }

            await Task.Delay(_backoff.After(failures), _clock, Stopped).ConfigureAwait(false);
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _clock.TimestampFrequency);

    private static partial class Log
    {
        [LoggerMessage(
            1211,
            LogLevel.Warning,
            "The broker lost count of producer {ProducerId}'s batches in epoch {Epoch}: a partition goes on in a new epoch")]
        public static partial void NewEpoch(ILogger logger, long producerId, short epoch);

        [LoggerMessage(1212, LogLevel.Error, "{Count} records for {Topic}-{Partition} were given up: {Reason}")]
        public static partial void Lost(ILogger logger, int count, string topic, int partition, string reason);

        [LoggerMessage(1213, LogLevel.Warning, "No producer id yet: {Reason}")]
        public static partial void NoIdentity(ILogger logger, string reason);
    }
}
