using Caudal.Protocol;
using Orders.Model;

namespace Orders.Stock;

/// <summary>
/// The stock of every product: decided in memory, written to the ledger before anybody hears of it. Thread safe; one instance a cluster.
/// </summary>
/// <remarks>
/// Each change is one record of the topic <c>products</c>. The records of a product lie in one partition in the order of the decisions,
/// so reading them from the beginning gives the same stock and the same decisions again; an order is decided on once, whatever is
/// repeated.
/// </remarks>
internal sealed class Inventory(Outbox outbox, OrdersOptions options) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Item> _items = [];
    private readonly Dictionary<string, Decision> _decisions = [];

    /// <summary>Whether any product is known.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _items.Count == 0;
        }
    }

    /// <summary>A product, or null.</summary>
    public Product? Find(string name)
    {
        lock (_lock)
            return _items.TryGetValue(name, out var item) ? item.Describe(name) : null;
    }

    /// <summary>All products, by name.</summary>
    public Product[] List()
    {
        lock (_lock)
            return [.. _items.Select(pair => pair.Value.Describe(pair.Key)).OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    /// <summary>Takes a record of the ledger that an earlier run wrote.</summary>
    public void Replay(StockChange change)
    {
        lock (_lock)
        {
            if (change.OrderId is { } order
                && !_decisions.TryAdd(order, new Decision(change.Kind == StockChangeKind.Reserved, Task.CompletedTask)))
            {
                return;
            }

            Apply(change);
        }
    }

    /// <summary>Sets a product's stock and price.</summary>
    /// <exception cref="KafkaException">The ledger could not be written.</exception>
    public async Task<Product> SetAsync(string name, int stock, decimal price, CancellationToken cancellationToken)
    {
        var change = new StockChange(StockChangeKind.Set, name, stock, price);
        Task written;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            written = await AdmitAsync(change, cancellationToken);
            lock (_lock)
                Apply(change);
        }
        finally
        {
            _turn.Release();
        }

        await written.WaitAsync(cancellationToken);
        return Find(name)!;
    }

    /// <summary>Reserves the goods of an order, if there are enough.</summary>
    /// <returns>Whether they are reserved. The same order always gets the same answer.</returns>
    public async Task<bool> ReserveAsync(Order order, CancellationToken cancellationToken)
    {
        Decision? decision;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            lock (_lock)
                _decisions.TryGetValue(order.Id, out decision);
            decision ??= await DecideAsync(order, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }

        await EnsureWrittenAsync(decision, order, cancellationToken);
        return decision.Reserved;
    }

    public void Dispose() => _turn.Dispose();

    private async Task<Decision> DecideAsync(Order order, CancellationToken cancellationToken)
    {
        StockChange change;
        lock (_lock)
        {
            var enough = _items.TryGetValue(order.Product, out var item) && item.Stock >= order.Quantity;
            change = ChangeFor(order, enough);
        }

        // Only this turn changes anything, so what was seen above still holds when the ledger has taken the record.
        var written = await AdmitAsync(change, cancellationToken);
        var decision = new Decision(change.Kind == StockChangeKind.Reserved, written);
        lock (_lock)
        {
            _decisions[order.Id] = decision;
            Apply(change);
        }

        return decision;
    }

    /// <summary>
    /// Waits for the ledger's acknowledgement; what was not acknowledged is written again, which <see cref="Replay"/> sees through.
    /// </summary>
    private async Task EnsureWrittenAsync(Decision decision, Order order, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await decision.Written.WaitAsync(cancellationToken);
                return;
            }
            catch (KafkaException)
            {
                await Task.Delay(RetryPause, options.TimeProvider, cancellationToken);
                decision.Written = await AdmitAsync(ChangeFor(order, decision.Reserved), cancellationToken);
            }
        }
    }

    private static StockChange ChangeFor(Order order, bool reserved) =>
        new(reserved ? StockChangeKind.Reserved : StockChangeKind.Refused, order.Product, order.Quantity, OrderId: order.Id);

    private ValueTask<Task> AdmitAsync(StockChange change, CancellationToken cancellationToken) =>
        outbox.AdmitAsync(Topics.Products, change.Product, change, OrdersJson.Default.StockChange, cancellationToken);

    private void Apply(StockChange change)
    {
        if (!_items.TryGetValue(change.Product, out var item))
        {
            if (change.Kind != StockChangeKind.Set)
                return;
            _items[change.Product] = item = new Item();
        }

        if (change.Kind == StockChangeKind.Set)
            (item.Stock, item.Price) = (change.Quantity, change.Price);
        else if (change.Kind == StockChangeKind.Reserved)
            (item.Stock, item.Reserved) = (item.Stock - change.Quantity, item.Reserved + change.Quantity);
    }

    private sealed class Item
    {
        public int Stock { get; set; }

        public decimal Price { get; set; }

        public int Reserved { get; set; }

        public Product Describe(string name) => new(name, Stock, Price, Reserved);
    }

    private sealed class Decision(bool reserved, Task written)
    {
        public bool Reserved { get; } = reserved;

        public Task Written { get; set; } = written;
    }
}
