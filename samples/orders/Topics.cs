namespace Orders;

/// <summary>The topics of the pipeline. Keys are order ids, except in <see cref="Products"/>, where they are product names.</summary>
public static class Topics
{
    /// <summary>Orders as they were accepted over HTTP.</summary>
    public const string Orders = "orders";

    /// <summary>Orders whose fields and product were found to be good.</summary>
    public const string Validated = "orders.validated";

    /// <summary>Orders that were refused, with the reason.</summary>
    public const string Rejected = "orders.rejected";

    /// <summary>Payments that were made.</summary>
    public const string Payments = "payments";

    /// <summary>Orders whose goods were reserved.</summary>
    public const string Reserved = "orders.reserved";

    /// <summary>Orders whose money was given back because the goods had run out.</summary>
    public const string Refunded = "orders.refunded";

    /// <summary>What customers are told.</summary>
    public const string Notifications = "notifications";

    /// <summary>Records that no stage could process, with the reason in headers.</summary>
    public const string DeadLetters = "orders.dlq";

    /// <summary>The ledger of the stock: every change of a product's stock, in order.</summary>
    public const string Products = "products";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Orders, Validated, Rejected, Payments, Reserved, Refunded, Notifications, DeadLetters, Products];
}
