using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Caudal.Client;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Orders.Model;

namespace Orders;

/// <summary>Writes the application's records: JSON values, keyed by order id, with the header <c>version: 1.0</c>. Thread safe.</summary>
internal sealed class Outbox(Producer<string?, byte[]?> producer)
{
    private static readonly RecordHeader[] Headers = [new("version", "1.0"u8.ToArray())];

    /// <summary>Produces an order and waits for its acknowledgement.</summary>
    public ValueTask<RecordMetadata> SendAsync(string topic, string key, Order order, CancellationToken cancellationToken) =>
        SendAsync(topic, key, order, OrdersJson.Default.Order, cancellationToken);

    /// <summary>Produces a value and waits for its acknowledgement.</summary>
    public ValueTask<RecordMetadata> SendAsync<T>(
        string topic,
        string key,
        T value,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken) =>
        producer.ProduceAsync(Record(topic, key, value, type), cancellationToken);

    /// <summary>
    /// Produces a value; the task that is returned ends when the record has its place in the order of its partition, the one inside
    /// when it is acknowledged.
    /// </summary>
    public async ValueTask<Task> AdmitAsync<T>(string topic, string key, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var delivery = new Delivery();
        await producer.EnqueueAsync(Record(topic, key, value, type), delivery, cancellationToken);
        return delivery.Task;
    }

    /// <summary>Produces a record as it came, with headers that say why, and waits for its acknowledgement.</summary>
    public ValueTask<RecordMetadata> SendRawAsync(
        string topic,
        string? key,
        byte[]? value,
        RecordHeader[] headers,
        CancellationToken cancellationToken) =>
        producer.ProduceAsync(new ProducerRecord<string?, byte[]?>(topic, key, value) { Headers = headers }, cancellationToken);

    private static ProducerRecord<string?, byte[]?> Record<T>(string topic, string key, T value, JsonTypeInfo<T> type) =>
        new(topic, key, JsonSerializer.SerializeToUtf8Bytes(value, type)) { Headers = Headers };

    private sealed class Delivery : IDeliveryHandler
    {
        private readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _source.Task;

        public void OnDelivered(in RecordMetadata metadata, KafkaException? error)
        {
            if (error is null)
                _source.TrySetResult();
            else
                _source.TrySetException(error);
        }
    }
}
