using System.Text.RegularExpressions;
using Caudal.Client.Configuration;
using Caudal.Client.Consuming;
using Caudal.Client.Processing;

namespace Caudal.Client;

/// <summary>Reads records: of the topics that its group shares out, or of partitions that it is given.</summary>
/// <remarks>
/// Three ways to read, which may be mixed: record after record, batch after batch, or leases of raw memory. One flow of calls at a time may
/// ask for records; everything else may be called from anywhere. An offset is stored when the next record, batch or lease is asked for,
/// which says that what came before is processed; stored offsets are committed periodically. So every record is processed at least once.
/// <code>
/// await using var consumer = client.CreateConsumer(new ConsumerOptions&lt;string?, string?&gt;(Serdes.Utf8, Serdes.Utf8) { GroupId =
/// "billing" }); consumer.Subscribe("orders"); await foreach (var record in consumer.ConsumeAsync(stop))     await BillAsync(record.Key,
/// record.Value);
/// </code>
/// </remarks>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
public sealed class Consumer<TKey, TValue> : IAsyncDisposable
{
    private readonly ConsumerEngine _engine;
    private readonly OffsetQueries _queries;
    private readonly RecordDecoder<TKey, TValue> _decoder;

    internal Consumer(KafkaClient client, ConsumerOptions<TKey, TValue> options)
    {
        Options = options;
        var interceptors = ConsumerInterceptors<TKey, TValue>.Of(options, client.Options.LoggerFactory);
        _engine = new ConsumerEngine(client, options) { OnCommit = interceptors is null ? null : interceptors.OnCommit };
        _queries = new OffsetQueries(client, options);
        _decoder = new RecordDecoder<TKey, TValue>(options.KeyDeserializer, options.ValueDeserializer, interceptors);
    }

    internal ConsumerEngine Engine => _engine;

    internal RecordDecoder<TKey, TValue> Decoder => _decoder;

    /// <summary>The options that the consumer was made from.</summary>
    public ConsumerOptions<TKey, TValue> Options { get; }

    /// <summary>The partitions that belong to the consumer now.</summary>
    public IReadOnlyList<TopicPartition> Assignment => _engine.Assignment;

    /// <summary>The topics that were subscribed to.</summary>
    public IReadOnlyList<string> Subscription => _engine.Topics;

    /// <summary>The partitions that are paused.</summary>
    public IReadOnlyList<TopicPartition> Paused => _engine.Paused();

    /// <summary>Who this consumer is in its group at the moment: for <c>SendOffsetsAsync</c> of a transaction.</summary>
    /// <remarks>Take it after records were consumed and before anything else is asked for: it changes with every rebalance.</remarks>
    /// <exception cref="InvalidOperationException">There is no group.</exception>
    public ConsumerGroupMetadata GroupMetadata => _engine.GroupMetadata;

    /// <summary>
    /// Shares the partitions of topics with the other members of the group; replaces an earlier subscription. The group is joined when
    /// records are first asked for.
    /// </summary>
    /// <param name="topics">The topics; those that do not exist yet are waited for.</param>
    /// <exception cref="InvalidOperationException">There is no group, or the consumer has partitions by <c>Assign</c>.</exception>
    public void Subscribe(params ReadOnlySpan<string> topics)
    {
        foreach (var topic in topics)
            ArgumentException.ThrowIfNullOrEmpty(topic, nameof(topics));
        if (topics.IsEmpty)
            throw new ArgumentException("No topic was named.", nameof(topics));
        _engine.Subscribe(topics.ToArray());
    }

    /// <summary>
    /// Shares the partitions of all topics whose names match, as they come and go (within <see cref="KafkaClientOptions.MetadataMaxAge"/>);
    /// replaces an earlier subscription. The brokers' internal topics never match.
    /// </summary>
    /// <param name="pattern">
    /// Matched against names; anchor it (<c>^…$</c>) to match whole ones. Give it a timeout if it is not yours.
    /// </param>
    /// <exception cref="InvalidOperationException">There is no group, or the consumer has partitions by <c>Assign</c>.</exception>
    public void Subscribe(Regex pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        _engine.Subscribe([], pattern);
    }

    /// <summary>Reads exactly these partitions, from their committed offsets if there is a group; replaces an earlier assignment.</summary>
    /// <exception cref="InvalidOperationException">The consumer has subscribed to topics.</exception>
    public void Assign(params ReadOnlySpan<TopicPartition> partitions) => _engine.Assign(partitions.ToArray(), []);

    /// <summary>Reads exactly these partitions from the given offsets on; replaces an earlier assignment.</summary>
    /// <exception cref="InvalidOperationException">The consumer has subscribed to topics.</exception>
    public void Assign(params ReadOnlySpan<TopicPartitionOffset> positions)
    {
        foreach (var position in positions)
            ArgumentOutOfRangeException.ThrowIfNegative(position.Offset, nameof(positions));
        _engine.Assign([], positions.ToArray());
    }

    /// <summary>Reads record after record, without end.</summary>
    /// <param name="cancellationToken">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    /// <remarks>
    /// The enumeration throws <see cref="RecordDeserializationException"/> for a record that cannot be read, and goes on behind it when
    /// started again. Leaving it early does not store the record that was handed out last; <see cref="CommitAsync(CancellationToken)"/>
    /// does.
    /// </remarks>
    public IAsyncEnumerable<ConsumeResult<TKey, TValue>> ConsumeAsync(CancellationToken cancellationToken = default) =>
        new RecordStream<TKey, TValue>(_engine, _decoder, cancellationToken);

    /// <summary>
    /// Reads every record that the assigned partitions hold at the moment of the call, and ends: what a job wants that runs once.
    /// </summary>
    /// <param name="cancellationToken">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    /// <remarks>
    /// With a subscription the group is joined first, and what counts is what the group assigns then. Partitions that are paused, or taken
    /// away meanwhile, are not waited for; what is assigned meanwhile is read along. Records that come later stay for the next call.
    /// </remarks>
    public IAsyncEnumerable<ConsumeResult<TKey, TValue>> ConsumeToEndAsync(CancellationToken cancellationToken = default) =>
        BoundedStream.ReadAsync(_engine, _queries, _decoder, cancellationToken);

    /// <summary>Reads batch after batch, each of one partition, without end.</summary>
    /// <param name="cancellationToken">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    public IAsyncEnumerable<ConsumeBatch<TKey, TValue>> ConsumeBatchesAsync(CancellationToken cancellationToken = default) =>
        BatchStream.ReadAsync(_engine, _decoder, cancellationToken);

    /// <summary>
    /// Hands every record to a handler, many in parallel, until cancelled; stores, and so commits, only what is done without a gap.
    /// </summary>
    /// <param name="handler">
    /// Handles one record. Its token is cancelled with <paramref name="cancellationToken"/>, and when the record's partition was lost.
    /// </param>
    /// <param name="options">Order, parallelism, limits and what happens on errors; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the run: handlers that are running are cancelled and awaited.</param>
    /// <remarks>
    /// When partitions are taken away, handlers that are running for them are awaited (for at most
    /// <see cref="ConsumerOptions.MaxPollInterval"/> without any progress), those that have not begun are dropped, and what is done is
    /// committed. However the run ends, the consumer stands before the first record of each partition that is not done. Do not close the
    /// consumer from the handler.
    /// </remarks>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="ProcessingException">A record failed, and <see cref="ProcessingOptions.OnError"/> did not skip it.</exception>
    /// <exception cref="InvalidOperationException">Another run or flow is asking for records, or nothing is subscribed.</exception>
    /// <exception cref="ArgumentException">The options have faults; the message lists them all.</exception>
    public async Task RunAsync(
        Func<ConsumeResult<TKey, TValue>, CancellationToken, ValueTask> handler,
        ProcessingOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        options ??= new ProcessingOptions();
        OptionFaults.ThrowIfAny(options.Validate(), nameof(ProcessingOptions));
        using var runner = new RecordRunner<TKey, TValue>(_engine, _decoder, handler, options, cancellationToken);
        await _engine.RunAsync(runner).ConfigureAwait(false);
    }

    /// <summary>Borrows the next batch of raw records.</summary>
    /// <param name="maxWait">How long to wait for one; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The batch, to be disposed by the caller; null if none came in time.</returns>
    /// <exception cref="InvalidOperationException">Nothing is subscribed or assigned, or another flow is asking for records.</exception>
    /// <exception cref="RecordBatchException">The batch is damaged.</exception>
    /// <exception cref="NoOffsetException">
    /// A partition has no usable committed offset, and <c>auto.offset.reset</c> is <c>none</c>.
    /// </exception>
    /// <exception cref="BrokerErrorException">A broker refuses for good, e.g. for lack of rights.</exception>
    /// <exception cref="ClientClosedException">The consumer is closed.</exception>
    public ValueTask<RecordBatchLease?> FetchAsync(TimeSpan maxWait, CancellationToken cancellationToken = default) =>
        _engine.NextAsync(true, maxWait, cancellationToken);

    /// <summary>Says that everything before an offset is processed; the next commit writes it.</summary>
    /// <returns>False, without effect, if the partition is not assigned any more.</returns>
    public bool StoreOffset(TopicPartitionOffset offset) => _engine.StoreOffset(offset);

    /// <summary>
    /// Commits, and waits for the group's coordinator. With automatic storing: everything that was handed out, as far as it was walked;
    /// else what was stored.
    /// </summary>
    /// <returns>What was committed; offsets of partitions that belong to others by now are left out.</returns>
    /// <exception cref="InvalidOperationException">There is no group.</exception>
    /// <exception cref="BrokerErrorException">The coordinator refuses for good.</exception>
    /// <exception cref="KafkaTimeoutException">There was no good answer within <c>default.api.timeout.ms</c>.</exception>
    public ValueTask<CommitResult> CommitAsync(CancellationToken cancellationToken = default) => _engine.CommitAsync(cancellationToken);

    /// <summary>Commits the given offsets: of each partition the offset of the next record to process.</summary>
    /// <inheritdoc cref="CommitAsync(CancellationToken)"/>
    public ValueTask<CommitResult> CommitAsync(
        IReadOnlyCollection<TopicPartitionOffset> offsets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        return _engine.CommitAsync([.. offsets.Select(o => new OffsetToCommit(o.TopicPartition, o.Offset, -1, ""))], cancellationToken);
    }

    /// <summary>Commits the given offsets, each with a text of the application's own.</summary>
    /// <inheritdoc cref="CommitAsync(CancellationToken)"/>
    public ValueTask<CommitResult> CommitAsync(
        IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> offsets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        foreach (var offset in offsets.Values)
            ArgumentOutOfRangeException.ThrowIfNegative(offset.Offset, nameof(offsets));
        return _engine.CommitAsync([.. offsets.Select(o => new OffsetToCommit(o.Key, o.Value))], cancellationToken);
    }

    /// <summary>Goes on reading a partition at an offset. What was fetched before is dropped.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public void Seek(TopicPartitionOffset position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position.Offset, nameof(position));
        _engine.With(position.TopicPartition, (session, cursor) => session.Seek_UnderLock(cursor, position.Offset));
    }

    /// <summary>Goes on reading partitions at their first records.</summary>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    public void SeekToBeginning(params ReadOnlySpan<TopicPartition> partitions) => SeekToTime(partitions, ListOffsets.Earliest);

    /// <summary>Goes on reading partitions behind their last records.</summary>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    public void SeekToEnd(params ReadOnlySpan<TopicPartition> partitions) => SeekToTime(partitions, ListOffsets.Latest);

    /// <summary>
    /// Goes on reading partitions at their first records at or after a time, or behind their last records if there are none.
    /// </summary>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    public void SeekToTimestamp(DateTimeOffset timestamp, params ReadOnlySpan<TopicPartition> partitions) =>
        SeekToTime(partitions, Math.Max(timestamp.ToUnixTimeMilliseconds(), 0));

    /// <summary>Stops reading partitions until they are resumed; they stay assigned.</summary>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    public void Pause(params ReadOnlySpan<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
            _engine.With(partition, static (_, cursor) => ConsumerSession.Pause_UnderLock(cursor));
    }

    /// <summary>Goes on reading paused partitions where they were.</summary>
    /// <exception cref="InvalidOperationException">A partition is not assigned.</exception>
    public void Resume(params ReadOnlySpan<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
            _engine.With(partition, static (session, cursor) => session.Resume_UnderLock(cursor));
    }

    /// <summary>
    /// The offset of the next record of a partition to be handed out; null if the partition is not assigned or its start is not known yet.
    /// </summary>
    public long? Position(TopicPartition partition) =>
        _engine.TryRead(partition, static c => c.Track.Position, out var position) && position >= 0 ? position : null;

    /// <summary>
    /// The end of a partition when it was last fetched from; null if it was not yet. Minus <see cref="Position"/> it is the lag.
    /// </summary>
    public long? HighWatermark(TopicPartition partition) =>
        _engine.TryRead(partition, static c => c.HighWatermark, out var end) && end >= 0 ? end : null;

    /// <summary>
    /// How many offsets the consumer is behind the end of what it may read of a partition, as of the last fetch; null if that is not known
    /// yet.
    /// </summary>
    public long? Lag(TopicPartition partition) =>
        _engine.TryRead(
            partition,
            static c => c.ReadableEnd < 0 || c.Track.Position < 0 ? -1 : Math.Max(c.ReadableEnd - c.Track.Position, 0),
            out var lag)
        && lag >= 0 ? lag : null;

    /// <summary>The offsets that the group has committed; partitions without one are left out.</summary>
    /// <exception cref="InvalidOperationException">There is no group.</exception>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, long>> CommittedAsync(
        IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default)
    {
        var committed = await _queries.CommittedAsync(partitions, cancellationToken).ConfigureAwait(false);
        return committed.ToDictionary(c => c.Key, c => c.Value.Offset);
    }

    /// <summary>The offsets that the group has committed, with what was committed along with them.</summary>
    /// <inheritdoc cref="CommittedAsync"/>
    public ValueTask<IReadOnlyDictionary<TopicPartition, OffsetAndMetadata>> CommittedWithMetadataAsync(
        IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default) =>
        _queries.CommittedAsync(partitions, cancellationToken);

    /// <summary>The first offset of each partition.</summary>
    /// <exception cref="KafkaTimeoutException">There was no good answer within <c>default.api.timeout.ms</c>.</exception>
    public ValueTask<IReadOnlyDictionary<TopicPartition, long>> BeginningOffsetsAsync(
        IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default) =>
        _queries.OffsetsAsync(partitions, ListOffsets.Earliest, cancellationToken);

    /// <summary>The offset behind the last record of each partition.</summary>
    /// <exception cref="KafkaTimeoutException">There was no good answer within <c>default.api.timeout.ms</c>.</exception>
    public ValueTask<IReadOnlyDictionary<TopicPartition, long>> EndOffsetsAsync(
        IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellationToken = default) =>
        _queries.OffsetsAsync(partitions, ListOffsets.Latest, cancellationToken);

    /// <summary>The first record of each partition at or after a time; partitions without one are left out.</summary>
    /// <exception cref="KafkaTimeoutException">There was no good answer within <c>default.api.timeout.ms</c>.</exception>
    public ValueTask<IReadOnlyDictionary<TopicPartition, OffsetAndTimestamp>> OffsetsForTimesAsync(
        IReadOnlyDictionary<TopicPartition, DateTimeOffset> times, CancellationToken cancellationToken = default) =>
        _queries.OffsetsForTimesAsync(times, cancellationToken);

    /// <summary>
    /// Commits what is stored (if commits are automatic), leaves the group and stops. Whoever waits for records gets
    /// <see cref="ClientClosedException"/>.
    /// </summary>
    /// <param name="cancellationToken">The deadline: when it is cancelled, what is left of the farewell is skipped.</param>
    /// <exception cref="OperationCanceledException">The farewell was cut short; the consumer is closed all the same.</exception>
    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => CloseAsync(GroupLeave.Default, cancellationToken);

    /// <summary>Commits what is stored (if commits are automatic), leaves the group or does not, and stops.</summary>
    /// <param name="leave">Whether the group is told, so that others take over at once (KIP-1092).</param>
    /// <param name="cancellationToken">The deadline: when it is cancelled, what is left of the farewell is skipped.</param>
    /// <exception cref="OperationCanceledException">The farewell was cut short; the consumer is closed all the same.</exception>
    public ValueTask CloseAsync(GroupLeave leave, CancellationToken cancellationToken = default) =>
        _engine.CloseAsync(leave, cancellationToken);

    /// <summary>Closes the consumer, within <see cref="KafkaClientOptions.RequestTimeout"/>. Never throws.</summary>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private void SeekToTime(ReadOnlySpan<TopicPartition> partitions, long timestamp)
    {
        foreach (var partition in partitions)
            _engine.With(partition, (session, cursor) => session.SeekToTime_UnderLock(cursor, timestamp));
    }
}
