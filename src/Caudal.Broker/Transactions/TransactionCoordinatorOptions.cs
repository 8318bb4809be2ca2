using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caudal.Broker.Transactions;

/// <summary>What the transaction coordinator allows and how long it waits: the broker's settings of the names given.</summary>
internal sealed record TransactionCoordinatorOptions
{
    /// <summary>The longest timeout that a producer may ask for (<c>transaction.max.timeout.ms</c>).</summary>
    /// <value>In ms; 15 minutes by default.</value>
    public int MaxTimeoutMs { get; init; } = 900_000;

    /// <summary>
    /// How often transactions are looked for that are open for too long
    /// (<c>transaction.abort.timed.out.transaction.cleanup.interval.ms</c>).
    /// </summary>
    /// <value>10 s by default.</value>
    public TimeSpan TimeoutCheckInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After what silence a transactional id is forgotten (<c>transactional.id.expiration.ms</c>).</summary>
    /// <value>7 days by default.</value>
    public TimeSpan Expiration { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How often such ids are looked for (<c>transaction.remove.expired.transaction.cleanup.interval.ms</c>).
    /// </summary>
    /// <value>One hour by default.</value>
    public TimeSpan ExpirationCheckInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where logging goes; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
