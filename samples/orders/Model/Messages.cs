using System.Text.Json.Serialization;

namespace Orders.Model;

/// <summary>What a customer is told about an order.</summary>
public sealed record Notification(string OrderId, string Customer, string Text, DateTimeOffset At);

/// <summary>One change of a product's stock: the ledger from which the stock is known again after a restart.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Product">The product's name.</param>
/// <param name="Quantity">The new stock of <see cref="StockChangeKind.Set"/>, else the order's quantity.</param>
/// <param name="Price">The new price of <see cref="StockChangeKind.Set"/>, else 0.</param>
/// <param name="OrderId">The order that was decided on, if one was.</param>
public sealed record StockChange(StockChangeKind Kind, string Product, int Quantity, decimal Price = 0, string? OrderId = null);

/// <summary>The kinds of change in the ledger.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StockChangeKind>))]
public enum StockChangeKind
{
    /// <summary>Stock and price were set.</summary>
    Set,

    /// <summary>Goods were reserved for an order.</summary>
    Reserved,

    /// <summary>There was too little for an order.</summary>
    Refused,
}

/// <summary>A product as the front shows it.</summary>
public sealed record Product(string Name, int Stock, decimal Price, int Reserved);

/// <summary>The body of <c>PUT /products/{name}</c>.</summary>
public sealed record ProductUpdate(int? Stock, decimal? Price);

/// <summary>The answer to an accepted order: where the broker keeps it.</summary>
/// <param name="Id">The order's id.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset.</param>
/// <param name="Duplicate">Whether the order had been accepted before; it is not processed again.</param>
public sealed record Receipt(string Id, string Topic, int Partition, long Offset, bool Duplicate = false);

/// <summary>An order's way so far.</summary>
public sealed record OrderView(
    string Id,
    string Customer,
    string Product,
    decimal Amount,
    int Quantity,
    OrderState State,
    IReadOnlyList<HistoryEntry> History);

/// <summary>One step on an order's way.</summary>
public sealed record HistoryEntry(OrderState State, DateTimeOffset At, string? Reason);

/// <summary>The answer of the payment service.</summary>
public sealed record PaymentReceipt(string PaymentId, string OrderId, decimal Amount);

/// <summary>What the payment service is asked to take, or to give back.</summary>
public sealed record PaymentRequest(string OrderId, decimal Amount);

/// <summary>How the simulated payment service behaves, and what it has done.</summary>
public sealed record PaymentServiceState(
    string Mode,
    int LatencyMs,
    long Charges = 0,
    decimal Charged = 0,
    long Refunds = 0,
    decimal Refunded = 0,
    long RepeatedKeys = 0);

/// <summary>The answer of <c>GET /health</c>.</summary>
public sealed record Health(string Status, string Broker, long Orders, long Settled, string PaymentCircuit);
