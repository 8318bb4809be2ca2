using System.Collections.Concurrent;
using Orders.Model;

namespace Orders.Views;

/// <summary>What is known of every order: filled from the topics at the start, and by the stages as they work. Thread safe.</summary>
/// <remarks>It also answers the question that makes restarts harmless: has this step been taken already?</remarks>
internal sealed class OrderBook(OrderMetrics metrics)
{
    private readonly ConcurrentDictionary<string, Entry> _orders = new();
    private readonly long[] _reached = new long[Enum.GetValues<OrderState>().Length];

    /// <summary>How many orders were accepted.</summary>
    public long Count => Volatile.Read(ref _reached[(int)OrderState.Received]);

    /// <summary>How many orders have come to their end: the customer was told.</summary>
    public long Settled => Volatile.Read(ref _reached[(int)OrderState.Notified]);

    /// <summary>How many orders have reached a state.</summary>
    public long Reached(OrderState state) => Volatile.Read(ref _reached[(int)state]);

    /// <summary>The receipt of an order that was accepted, or null.</summary>
    public Receipt? FindReceipt(string id)
    {
        if (!_orders.TryGetValue(id, out var entry))
            return null;
        lock (entry)
            return entry.Offset < 0 ? null : new Receipt(id, Topics.Orders, entry.Partition, entry.Offset);
    }

    /// <summary>Whether an order has reached a state.</summary>
    public bool Has(string id, OrderState state)
    {
        if (!_orders.TryGetValue(id, out var entry))
            return false;
        lock (entry)
            return entry.Has(state);
    }

    /// <summary>An order's way so far, or null.</summary>
    public OrderView? Find(string id)
    {
        if (!_orders.TryGetValue(id, out var entry))
            return null;
        lock (entry)
            return entry.Order is { } order
                ? new OrderView(id, order.Customer, order.Product, order.Amount, order.Quantity, entry.State, [.. entry.History])
                : null;
    }

    /// <summary>Notes that the broker has an order.</summary>
    public void Accepted(Order order, int partition, long offset, DateTimeOffset at)
    {
        var entry = _orders.GetOrAdd(order.Id, static _ => new Entry());
        lock (entry)
        {
            // A record that was written twice (the producer died before its acknowledgement) keeps the first place.
            if (entry.Offset < 0 || offset < entry.Offset)
                (entry.Partition, entry.Offset) = (partition, offset);
            entry.Order ??= order;
        }

        Reach(order, OrderState.Received, at, null);
    }

    /// <summary>Notes that an order reached a state; the first time counts.</summary>
    public void Reach(Order order, OrderState state, DateTimeOffset at, string? reason)
    {
        var entry = _orders.GetOrAdd(order.Id, static _ => new Entry());
        TimeSpan? total = null;
        lock (entry)
        {
            entry.Order ??= order;
            if (!entry.Add(state, at, reason))
                return;
            if (state == OrderState.Notified && entry.TimeOf(OrderState.Received) is { } received)
                total = at - received;
        }

        Interlocked.Increment(ref _reached[(int)state]);
        metrics.Reached(state);
        if (total is { } time)
            metrics.Settled(time);
    }

    private sealed class Entry
    {
        private int _states;

        public Order? Order { get; set; }

        public int Partition { get; set; }

        public long Offset { get; set; } = -1;

        public List<HistoryEntry> History { get; } = new(5);

        /// <summary>How it stands: rejected and refunded orders stay that although their customer is told, too.</summary>
        public OrderState State =>
            Has(OrderState.Rejected) ? OrderState.Rejected
            : Has(OrderState.Refunded) ? OrderState.Refunded
            : History.Count == 0 ? OrderState.Received : History.Max(h => h.State);

        public bool Has(OrderState state) => (_states & (1 << (int)state)) != 0;

        public DateTimeOffset? TimeOf(OrderState state) => History.Find(h => h.State == state)?.At;

        public bool Add(OrderState state, DateTimeOffset at, string? reason)
        {
            if (Has(state))
                return false;
            _states |= 1 << (int)state;
            var position = History.FindIndex(h => h.State > state);
            History.Insert(position < 0 ? History.Count : position, new HistoryEntry(state, at, reason));
            return true;
        }
    }
}
