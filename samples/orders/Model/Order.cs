namespace Orders.Model;

/// <summary>An order as it was accepted.</summary>
public sealed record Order(string Id, string Customer, string Product, decimal Amount, int Quantity, DateTimeOffset Timestamp)
{
    /// <summary>What happened to it so far, as the record says: the state that the topic stands for.</summary>
    public string Status { get; init; } = "received";

    /// <summary>Why it was rejected or refunded.</summary>
    public string? Reason { get; init; }

    /// <summary>The payment, once there is one.</summary>
    public string? PaymentId { get; init; }
}
