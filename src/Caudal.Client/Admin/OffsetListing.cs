namespace Caudal.Client;

/// <summary>An offset that was asked for.</summary>
/// <param name="Offset">The offset; −1 if no record is at or after the time.</param>
/// <param name="Timestamp">The record's time, if a time was asked for.</param>
/// <param name="LeaderEpoch">The epoch of the leader that wrote it; −1 if the broker did not tell.</param>
public sealed record OffsetListing(long Offset, DateTimeOffset? Timestamp, int LeaderEpoch);
