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

    internal long Timestamp { get; }

    /// <summary>That of the first record at or after a time.</summary>
    public static OffsetSpec At(DateTimeOffset time) => new(time.ToUnixTimeMilliseconds());
}
