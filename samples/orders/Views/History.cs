using System.Text.Json;
using Caudal.Client;
using Orders.Model;
using Orders.Payments;
using Orders.Stock;

namespace Orders.Views;

/// <summary>
/// Reads every topic of the pipeline from the beginning, so that the application knows after a restart what it knew before; then
/// follows them.
/// </summary>
internal sealed class History(KafkaClient client, OrderBook book, Inventory inventory, PaymentService payments)
{
    private static readonly string[] Sources =
    [
        Topics.Orders, Topics.Validated, Topics.Rejected, Topics.Payments,
        Topics.Reserved, Topics.Refunded, Topics.Notifications, Topics.Products,
    ];

    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when everything that was there at the start has been read.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Reads until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FollowAsync(cancellationToken);
        }
        catch (Exception e)
        {
            _caughtUp.TrySetException(e);
            throw;
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await using var consumer = client.CreateConsumer(new ConsumerOptions<string?, byte[]?>(Serdes.Utf8, Serdes.ByteArray)
        {
            AutoOffsetReset = AutoOffsetReset.Earliest,
        });
        var left = await FindEndsAsync(consumer, cancellationToken);
        consumer.Assign([.. left.Keys]);
        foreach (var empty in left.Where(end => end.Value == 0).Select(end => end.Key).ToList())
            left.Remove(empty);
        if (left.Count == 0)
            _caughtUp.TrySetResult();
        await foreach (var batch in consumer.ConsumeBatchesAsync(cancellationToken))
        {
            var next = 0L;
            foreach (var record in batch)
            {
                if (record.Key is not null && record.Value is not null)
                    Apply(batch.Topic, batch.Partition, record.Offset, record.Key, record.Value, record.Timestamp);
                next = record.Offset + 1;
            }

            var partition = new TopicPartition(batch.Topic, batch.Partition);
            if (left.TryGetValue(partition, out var end) && next >= end && left.Remove(partition) && left.Count == 0)
                _caughtUp.TrySetResult();
        }
    }

    private async Task<Dictionary<TopicPartition, long>> FindEndsAsync(
        Consumer<string?, byte[]?> consumer,
        CancellationToken cancellationToken)
    {
        var topics = await client.Admin.DescribeTopicsAsync(Sources, cancellationToken);
        var partitions = topics
            .SelectMany(topic => topic.Value.GetOrThrow().Partitions.Select(p => new TopicPartition(topic.Key, p.Partition)))
            .ToList();
        return new(await consumer.EndOffsetsAsync(partitions, cancellationToken));
    }

    private void Apply(string topic, int partition, long offset, string key, byte[] value, DateTimeOffset at)
    {
        if (topic == Topics.Products)
        {
            // What this run writes into the ledger itself is applied where it is decided.
            if (!CaughtUp.IsCompleted && TryRead(value, OrdersJson.Default.StockChange) is { } change)
                inventory.Replay(change);
            return;
        }

        var state = StateOf(topic);
        if (topic != Topics.Orders && book.Has(key, state))
            return;
        if (topic == Topics.Notifications)
        {
            book.Reach(new Order(key, "", "", 0, 0, at), OrderState.Notified, at, null);
            return;
        }

        if (TryRead(value, OrdersJson.Default.Order) is not { Customer: not null, Product: not null } order || order.Id != key)
            return;
        if (topic == Topics.Orders)
            book.Accepted(order, partition, offset, at);
        else
            book.Reach(order, state, at, order.Reason);
        if (!CaughtUp.IsCompleted && topic is Topics.Payments or Topics.Refunded)
            payments.Remember(key, order.Amount, refund: topic == Topics.Refunded);
    }

    private static OrderState StateOf(string topic) => topic switch
    {
        Topics.Orders => OrderState.Received,
        Topics.Validated => OrderState.Validated,
        Topics.Rejected => OrderState.Rejected,
        Topics.Payments => OrderState.Paid,
        Topics.Reserved => OrderState.Reserved,
        Topics.Refunded => OrderState.Refunded,
        _ => OrderState.Notified,
    };

    private static T? TryRead<T>(byte[] value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(value, type);
        }
        catch (JsonException)
        {
            // Poison is the stages' affair; here it only is not an order.
            return null;
        }
    }
}
