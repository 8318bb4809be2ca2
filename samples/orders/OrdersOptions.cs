using Microsoft.Extensions.Logging.Abstractions;

namespace Orders;

/// <summary>What the application is told at its start.</summary>
public sealed record OrdersOptions
{
    /// <summary>The brokers, e.g. <c>127.0.0.1:9092</c>.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>The port of the HTTP front on 127.0.0.1; 0 lets the system choose.</summary>
    /// <value>Default 8080.</value>
    public int HttpPort { get; init; } = 8080;

    /// <summary>The name of this instance in its consumer groups; two that run at the same time need different ones.</summary>
    /// <value>Default <c>1</c>.</value>
    public string InstanceName { get; init; } = "1";

    /// <summary>Partitions of each topic, if the application has to create it.</summary>
    /// <value>Default 4.</value>
    public int Partitions { get; init; } = 4;

    /// <summary>Orders that may wait for their acknowledgement before the front answers 429.</summary>
    /// <value>Default 20000.</value>
    public int MaxPendingOrders { get; init; } = 20_000;

    /// <summary>The largest body of a request in bytes; larger ones get 413.</summary>
    /// <value>Default 10 MiB.</value>
    public int MaxBodyBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>
    /// How long an order may take to be acknowledged before the front answers 503. The order stays under way: repeating it with its id
    /// is safe.
    /// </summary>
    /// <value>Default 5 seconds.</value>
    public TimeSpan AcceptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the end may wait for a broker that is away before records that it has not acknowledged are given up.</summary>
    /// <value>Default 5 seconds.</value>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a payment may take before it is tried again.</summary>
    /// <value>Default 2 seconds.</value>
    public TimeSpan PaymentTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the client and the stages log to.</summary>
    /// <value>Default: nowhere.</value>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
