using Caudal.Client.Configuration;

namespace Caudal.Client;

/// <summary>
/// How large the transactions of an <see cref="ExactlyOnceLoop{TInKey, TInValue, TOutKey, TOutValue}"/> become. Immutable.
/// </summary>
public sealed record ExactlyOnceOptions
{
    /// <summary>The most records that are consumed in one transaction.</summary>
    /// <value>Default 10000, at least 1.</value>
    public int MaxRecords { get; init; } = 10_000;

    /// <summary>
    /// How long a transaction is open before it is committed; what it writes is seen that much later. It is committed earlier when it has
    /// <see cref="MaxRecords"/>.
    /// </summary>
    /// <value>Default 100 ms, at least 0; well below <see cref="ProducerOptions.TransactionTimeout"/>.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Lists every fault of these options with its remedy; empty when they are good.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new OptionFaults();
        faults.InRange(nameof(MaxRecords), MaxRecords, 1, int.MaxValue);
        faults.AtLeast(nameof(Interval), Interval, TimeSpan.Zero);
        return faults.List;
    }
}
