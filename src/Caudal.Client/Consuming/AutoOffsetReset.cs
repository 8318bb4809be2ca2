namespace Caudal.Client;

/// <summary>
/// Where a consumer starts in a partition that has no committed offset, or whose committed offset the broker has no more.
/// </summary>
public enum AutoOffsetReset
{
    /// <summary>Behind the last record: only what comes from now on.</summary>
    Latest,

    /// <summary>At the first record that is there.</summary>
    Earliest,

    /// <summary>
    /// At the first record that is not older than <see cref="ConsumerOptions.AutoOffsetResetAge"/>, or behind the last one (KIP-1106).
    /// </summary>
    ByDuration,

    /// <summary>Nowhere: consuming fails with an error that names the partition.</summary>
    None,
}
