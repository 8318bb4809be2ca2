namespace Caudal.Client;

/// <summary>Which offset of a partition is asked for.</summary>
public readonly record struct OffsetSpec
{
    private OffsetSpec(long timestamp) => Timestamp = timestamp;

    /// <summary>That of the first record that is kept.</summary>
    public static OffsetSpec Earliest => new(-2);

    /// <summary>That which the next record will get.</summary>
    public static OffsetSpec Latest => new(-1);

    /// <summary>That of the record with the largest timestamp.</summary>
    public static OffsetSpec MaxTimestamp => new(-3);

    /// <summary>That of the first record that the broker has on its own disks, where older ones are kept elsewhere (KIP-405).</summary>
    public static OffsetSpec EarliestLocal => new(-4);

    /// <summary>Behind the last record that is kept elsewhere than on the brokers' disks (KIP-1005); −1 if none is.</summary>
    public static OffsetSpec LatestTiered => new(-5);

    internal long Timestamp { get; }

    /// <summary>That of the first record at or after a time.</summary>
    public static OffsetSpec At(DateTimeOffset time) => new(time.ToUnixTimeMilliseconds());
}
