using System.Diagnostics.CodeAnalysis;
using Caudal.Client.Producing;
using Caudal.Client.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Client;

/// <summary>Writes records to topics.</summary>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
/// <remarks>
/// Thread safe; one for a program is usual. Records of one partition are written in the order of the calls that took them, whatever fails
/// in between, if
/// idempotence is on. Close it, or dispose it, so that what is under way is delivered.
/// </remarks>
public sealed partial class Producer<TKey, TValue> : IAsyncDisposable
{
    // Beside key, value and headers: lengths and deltas, each a varint, and the batch's header if it starts one.
    private const int RecordOverhead = 36;

    private readonly RecordAccumulator _accumulator;
    private readonly ProducerOptions<TKey, TValue> _options;
    private readonly ISerializer<TKey> _keys;
    private readonly ISerializer<TValue> _values;
    private readonly ProducerInterceptors<TKey, TValue>? _interceptors;
    private ProducerTopic? _lastTopic;

    internal Producer(KafkaClient client, ProducerOptions<TKey, TValue> options)
    {
        _options = options;
        _keys = options.KeySerializer;
        _values = options.ValueSerializer;
        _interceptors = ProducerInterceptors<TKey, TValue>.Of(options, client.Options.LoggerFactory);
        _accumulator = new RecordAccumulator(client, options);
    }

    /// <summary>The options that the producer was made from.</summary>
    public ProducerOptions<TKey, TValue> Options => _options;

    internal RecordAccumulator Accumulator => _accumulator;

    private enum Outcome
    {
        Appended,
        NoTopic,
        NoRoom,
    }

    /// <summary>Produces a record and waits until it is acknowledged.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Gives up waiting; a record that was taken already is on its way all the same.</param>
    /// <returns>Where the record was written.</returns>
    /// <exception cref="BrokerErrorException">The broker refuses the record for good.</exception>
    /// <exception cref="KafkaTimeoutException">
    /// There was no room or no topic within <see cref="ProducerOptions.MaxBlock"/>, or no delivery within
    /// <see cref="ProducerOptions.DeliveryTimeout"/>.
    /// </exception>
    /// <exception cref="ClientClosedException">The producer is closed, or was closed before the record was acknowledged.</exception>
    /// <exception cref="ArgumentException">
    /// The topic's name is missing, the partition does not exist, or the record is larger than
    /// <see cref="ProducerOptions.MaxRequestSize"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">The producer has transactions: produce in one.</exception>
    public ValueTask<RecordMetadata> ProduceAsync(in ProducerRecord<TKey, TValue> record, CancellationToken cancellationToken = default)
    {
        ThrowIfTransactional();
        return ProduceInAsync(record, null, cancellationToken);
    }

    /// <summary>
    /// Produces a record and waits only until it is admitted: until there is room for it in <see cref="ProducerOptions.BufferMemory"/>.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="handler">Is told what became of the record; null if nobody needs to know (failures are logged).</param>
    /// <param name="cancellationToken">Gives up waiting; the record is then not taken.</param>
    /// <exception cref="KafkaTimeoutException">The topic was not found within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="ClientClosedException">The producer is closed.</exception>
    /// <exception cref="ArgumentException">As for <see cref="ProduceAsync"/>.</exception>
    /// <exception cref="InvalidOperationException">The producer has transactions: produce in one.</exception>
    public ValueTask EnqueueAsync(
        in ProducerRecord<TKey, TValue> record,
        IDeliveryHandler? handler = null,
        CancellationToken cancellationToken = default)
    {
        ThrowIfTransactional();
        return EnqueueInAsync(record, handler, null, cancellationToken);
    }

    /// <summary>Produces a record if that is possible at once.</summary>
    /// <param name="record">The record.</param>
    /// <param name="handler">As for <see cref="EnqueueAsync"/>.</param>
    /// <returns>
    /// False if there is no room at the moment, or if the topic is not known yet: it is asked for, so that a later call finds it.
    /// </returns>
    /// <exception cref="ClientClosedException">The producer is closed.</exception>
    /// <exception cref="ArgumentException">As for <see cref="ProduceAsync"/>.</exception>
    /// <exception cref="InvalidOperationException">The producer has transactions: produce in one.</exception>
    public bool TryEnqueue(in ProducerRecord<TKey, TValue> record, IDeliveryHandler? handler = null)
    {
        ThrowIfTransactional();
        return TryEnqueueIn(record, handler, null);
    }

    /// <summary>
    /// Sends what there is without lingering, and waits until every record that was taken before is acknowledged or given up.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting; nothing else.</param>
    /// <remarks>Failures are told to those who produced the records, not here. Handlers were called when this completes.</remarks>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => _accumulator.FlushAsync(cancellationToken);

    /// <summary>Takes no more records and waits until all that were taken are acknowledged or given up.</summary>
    /// <param name="cancellationToken">
    /// The deadline: when it is cancelled, what is left fails with <see cref="ClientClosedException"/>.
    /// </param>
    /// <exception cref="OperationCanceledException">The token was cancelled first. The producer is closed all the same.</exception>
    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => new(_accumulator.CloseAsync(cancellationToken));

    /// <summary>Closes the producer within <see cref="ProducerOptions.CloseTimeout"/>; what is left then is given up.</summary>
    public ValueTask DisposeAsync() => _accumulator.DisposeAsync();

    internal ValueTask<RecordMetadata> ProduceInAsync(
        in ProducerRecord<TKey, TValue> record, OpenTransaction? transaction, CancellationToken cancellationToken) =>
        _interceptors is not null
            ? ProduceInterceptedAsync(record, transaction, cancellationToken)
            : ClientTelemetry.TracesSending
            ? ProduceTracedAsync(record, transaction, cancellationToken)
            : ProduceUntracedAsync(record, transaction, cancellationToken);

    private ValueTask<RecordMetadata> ProduceUntracedAsync(
        in ProducerRecord<TKey, TValue> record, OpenTransaction? transaction, CancellationToken cancellationToken)
    {
        var delivery = new PendingDelivery();
        delivery.CancelWith(cancellationToken);
        return TryAppend(record, delivery, transaction, out var missing) == Outcome.Appended
            ? delivery.Task
            : ProduceSlowAsync(record, delivery, transaction, missing, cancellationToken);
    }

    internal ValueTask EnqueueInAsync(
        in ProducerRecord<TKey, TValue> record,
        IDeliveryHandler? handler,
        OpenTransaction? transaction,
        CancellationToken cancellationToken)
    {
        if (_interceptors is not null)
            return EnqueueInterceptedAsync(record, handler, transaction, cancellationToken);
        if (ClientTelemetry.CarriesContext)
            return EnqueueUntracedAsync(WithContext(record), handler, transaction, cancellationToken);
        return EnqueueUntracedAsync(record, handler, transaction, cancellationToken);
    }

    private ValueTask EnqueueUntracedAsync(
        in ProducerRecord<TKey, TValue> record,
        IDeliveryHandler? handler,
        OpenTransaction? transaction,
        CancellationToken cancellationToken) =>
        TryAppend(record, handler, transaction, out var missing) == Outcome.Appended
            ? ValueTask.CompletedTask
            : AppendSlowAsync(record, handler, transaction, missing, cancellationToken);

    internal bool TryEnqueueIn(in ProducerRecord<TKey, TValue> record, IDeliveryHandler? handler, OpenTransaction? transaction) =>
        _interceptors is not null
            ? TryEnqueueIntercepted(record, handler, transaction)
            : TryEnqueueUnintercepted(record, handler, transaction);

    private bool TryEnqueueUnintercepted(in ProducerRecord<TKey, TValue> record, IDeliveryHandler? handler, OpenTransaction? transaction)
    {
        var outcome = ClientTelemetry.CarriesContext
            ? TryAppend(WithContext(record), handler, transaction, out _)
            : TryAppend(record, handler, transaction, out _);
        if (outcome == Outcome.NoTopic)
            _ = LearnTopicAsync(record.Topic);
        else if (outcome == Outcome.NoRoom)
            _accumulator.HurryAll();
        return outcome == Outcome.Appended;
    }

    private Outcome TryAppend(in ProducerRecord<TKey, TValue> record, object? target, OpenTransaction? transaction, out int missing)
    {
        missing = 0;
        var topic = Volatile.Read(ref _lastTopic);
        if (topic is null || !string.Equals(topic.Name, record.Topic, StringComparison.Ordinal))
        {
            _accumulator.ThrowIfClosed();
            if (!_accumulator.TryGetTopic(record.Topic ?? throw NoTopicName(), out topic))
                return Outcome.NoTopic;
            Volatile.Write(ref _lastTopic, topic);
        }

        using var scratch = ProduceScratch.Rent();
        return TryAppend(record, target, transaction, topic, scratch, out missing);
    }

    private Outcome TryAppend(
        in ProducerRecord<TKey, TValue> record,
        object? target,
        OpenTransaction? transaction,
        ProducerTopic topic,
        ProduceScratch scratch,
        out int missing)
    {
        var keyIsNull = _keys.IsNull(record.Key);
        if (!keyIsNull)
            _keys.Serialize(record.Key, scratch.Writer, new SerializationContext(topic.Name, IsKey: true));
        var keyLength = scratch.Length;
        var valueIsNull = _values.IsNull(record.Value);
        if (!valueIsNull)
            _values.Serialize(record.Value, scratch.Writer, new SerializationContext(topic.Name, IsKey: false));
        var key = scratch.Bytes[..keyLength];
        var value = scratch.Bytes[keyLength..];

        var headers = record.Headers.AsSpan();
        var size = key.Length + value.Length + RecordOverhead + (headers.IsEmpty ? 0 : SizeOf(headers));
        missing = size + RecordBatchHeader.Size;
        if (missing > _options.MaxRequestSize || missing > _options.BufferMemory)
            ThrowTooLarge(topic.Name, missing);
        var partition = Choose(record.Partition, topic, key, keyIsNull, value);
        var timestamp = record.Timestamp?.ToUnixTimeMilliseconds() ?? _accumulator.UnixTime;
        return partition.Append(
            timestamp, key, keyIsNull, value, valueIsNull, headers, size, target, transaction) == AppendOutcome.Appended
            ? Outcome.Appended
            : Outcome.NoRoom;
    }

    private PartitionQueue Choose(int? wanted, ProducerTopic topic, ReadOnlySpan<byte> key, bool keyIsNull, ReadOnlySpan<byte> value)
    {
        var partitions = topic.Partitions;
        if (wanted is { } given)
            return (uint)given < (uint)partitions.Length
                ? partitions[given]
                : throw NoPartition(topic.Name, given, partitions.Length, nameof(ProducerRecord<,>.Partition));
        var chosen = _options.Partitioner.Select(
            new PartitionContext
            {
                Topic = topic.Name,
                PartitionCount = partitions.Length,
                Key = key,
                IsKeyNull = keyIsNull,
                Value = value,
            });
        if (chosen == IPartitioner.Sticky)
            return topic.Sticky;
        return (uint)chosen < (uint)partitions.Length
            ? partitions[chosen]
            : throw NoPartition(topic.Name, chosen, partitions.Length, $"partitioner ({_options.Partitioner})");
    }

    private async ValueTask<RecordMetadata> ProduceSlowAsync(
        ProducerRecord<TKey, TValue> record,
        PendingDelivery delivery,
        OpenTransaction? transaction,
        int missing,
        CancellationToken cancellationToken)
    {
        var clock = _accumulator.Client.Options.TimeProvider;
        using (var timeout = new CancellationTokenSource(_options.MaxBlock, clock))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken))
        {
            try
            {
                await AppendSlowAsync(record, delivery, transaction, missing, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new KafkaTimeoutException(
                    $"There was no room for a record of {record.Topic} within {_options.MaxBlock.TotalMilliseconds:0} ms (max.block.ms): "
                    + $"{_options.BufferMemory} bytes (buffer.memory) wait to be acknowledged. "
                    + "Produce more slowly, or look why the brokers are slow.");
            }
        }

        return await delivery.Task.ConfigureAwait(false);
    }

    private async ValueTask AppendSlowAsync(
        ProducerRecord<TKey, TValue> record,
        object? target,
        OpenTransaction? transaction,
        int missing,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            if (missing == 0)
            {
                await _accumulator.GetTopicAsync(record.Topic, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // What lingers only because others might join it gives its memory back sooner.
                _accumulator.HurryAll();
                await _accumulator.Budget.WaitAsync(missing, cancellationToken).ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (TryAppend(record, target, transaction, out missing) == Outcome.Appended)
                return;
        }
    }

    private async Task LearnTopicAsync(string topic)
    {
        try
        {
            await _accumulator.GetTopicAsync(topic, _accumulator.Stopped).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KafkaException or OperationCanceledException)
        {
            // The next call that waits for the topic says what is wrong.
        }
    }

    private static int SizeOf(ReadOnlySpan<RecordHeader> headers)
    {
        // Three bytes a character is the most that UTF-8 takes; a length takes five.
        var size = 0;
        foreach (ref readonly var header in headers)
            size += ((header.Key?.Length ?? 0) * 3) + (header.Value?.Length ?? 0) + 10;
        return size;
    }

    [DoesNotReturn]
    private void ThrowTooLarge(string topic, int size) => throw new ArgumentException(
        size > _options.BufferMemory
            ? $"A record of {topic} takes {size} bytes, more than buffer.memory ({_options.BufferMemory}). Send less, or raise it."
            : $"A record of {topic} takes {size} bytes, more than max.request.size ({_options.MaxRequestSize}). "
                + "Send less, or raise it here and in the topic's max.message.bytes.");

    private static ArgumentException NoTopicName() => new("The record names no topic.");

    private static ArgumentException NoPartition(string topic, int partition, int count, string source) =>
        new($"{topic} has no partition {partition}, which the {source} asks for: it has {count}, from 0 to {count - 1}.");
}
