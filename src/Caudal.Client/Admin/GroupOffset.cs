namespace Caudal.Client;

/// <summary>How far a group has come in a partition.</summary>
/// <param name="Offset">The next offset that it will read.</param>
/// <param name="LeaderEpoch">The epoch of the record before it; −1 if unknown.</param>
/// <param name="Metadata">What the member that committed it added.</param>
public sealed record GroupOffset(long Offset, int LeaderEpoch = -1, string Metadata = "");
