namespace Orders;

/// <summary>A look at the pipeline, for live views.</summary>
/// <param name="Received">Orders accepted.</param>
/// <param name="Validated">Orders found good.</param>
/// <param name="Rejected">Orders refused.</param>
/// <param name="Paid">Orders paid.</param>
/// <param name="Reserved">Orders whose goods are reserved.</param>
/// <param name="Refunded">Orders whose money went back.</param>
/// <param name="Notified">Orders whose customer was told.</param>
/// <param name="P50">Median time from acceptance to notification of the last orders, in milliseconds.</param>
/// <param name="P99">99th percentile of the same.</param>
/// <param name="PaymentCircuit">The state of the circuit to the payment service.</param>
public sealed record OrdersStatus(
    long Received,
    long Validated,
    long Rejected,
    long Paid,
    long Reserved,
    long Refunded,
    long Notified,
    double P50,
    double P99,
    string PaymentCircuit);
