namespace Caudal.Storage.Recovery;

/// <summary>What the store's checkpoint files say of one log.</summary>
/// <param name="RecoveryPoint">Up to here the disk had everything.</param>
/// <param name="StartOffset">The log's start offset.</param>
/// <param name="CleanedOffset">Up to where it was compacted; −1 if it never was.</param>
internal readonly record struct LogCheckpoints(long RecoveryPoint, long StartOffset, long CleanedOffset);
