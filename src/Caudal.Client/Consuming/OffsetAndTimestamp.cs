namespace Caudal.Client;

/// <summary>The first record of a partition at or after a time.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Timestamp">Its timestamp.</param>
public readonly record struct OffsetAndTimestamp(long Offset, DateTimeOffset Timestamp);
