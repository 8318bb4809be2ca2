using System.Collections.Concurrent;
using Orders.Model;
using Orders.Views;

namespace Orders.Http;

/// <summary>Takes orders in: each id once, acknowledged by the broker before the caller hears of it. Thread safe.</summary>
internal sealed class OrderIntake(Outbox outbox, OrderBook book, OrdersOptions options)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Receipt>> _pending = new();
    private int _waiting;

    /// <summary>Produces the orders that are new and answers for all of them, in their order.</summary>
    /// <returns>The receipts once the broker has all orders, however long it is away; null when too many orders wait already.</returns>
    public Task<Receipt[]>? TryAccept(List<Order> orders)
    {
        // A lone request larger than the limit must not wait for ever: it enters when nobody else is there.
        var waiting = Interlocked.Add(ref _waiting, orders.Count);
        if (waiting <= options.MaxPendingOrders || waiting == orders.Count)
            return AcceptAsync(orders);
        Interlocked.Add(ref _waiting, -orders.Count);
        return null;
    }

    private async Task<Receipt[]> AcceptAsync(List<Order> orders)
    {
        try
        {
            // Not cancelled with the request: an order that is under way is acknowledged whether or not the caller still listens.
            return await Task.WhenAll(orders.Select(AcceptAsync));
        }
        finally
        {
            Interlocked.Add(ref _waiting, -orders.Count);
        }
    }

    private async Task<Receipt> AcceptAsync(Order order)
    {
        if (book.FindReceipt(order.Id) is { } known)
            return known with { Duplicate = true };
        var mine = new TaskCompletionSource<Receipt>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _pending.GetOrAdd(order.Id, mine);
        if (first != mine)
            return await first.Task with { Duplicate = true };
        try
        {
            // Between the look into the book and the entry into the pending orders another request may have finished with this id.
            var receipt = book.FindReceipt(order.Id) is { } finished
                ? finished with { Duplicate = true }
                : await ProduceAsync(order);
            mine.SetResult(receipt);
            return receipt;
        }
        catch (Exception e)
        {
            mine.SetException(e);
            _ = mine.Task.Exception;
            throw;
        }
        finally
        {
            _pending.TryRemove(order.Id, out _);
        }
    }

    private async Task<Receipt> ProduceAsync(Order order)
    {
        var metadata = await outbox.SendAsync(Topics.Orders, order.Id, order, CancellationToken.None);
        book.Accepted(order, metadata.Partition, metadata.Offset, options.TimeProvider.GetUtcNow());
        return new Receipt(order.Id, Topics.Orders, metadata.Partition, metadata.Offset);
    }
}
