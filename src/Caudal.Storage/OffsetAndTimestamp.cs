namespace Caudal.Storage;

/// <summary>Where a search by time ended.</summary>
/// <param name="Offset">The record's offset.</param>
/// <param name="TimestampMs">The record's timestamp in milliseconds since 1970.</param>
/// <param name="LeaderEpoch">The leader epoch of the record's batch; −1 if not known.</param>
public readonly record struct OffsetAndTimestamp(long Offset, long TimestampMs, int LeaderEpoch);
