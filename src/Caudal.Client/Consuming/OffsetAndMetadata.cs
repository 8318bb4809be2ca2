namespace Caudal.Client;

/// <summary>An offset that a group commits, or has committed, with what belongs to it.</summary>
/// <param name="Offset">The offset of the next record to process.</param>
/// <param name="Metadata">
/// Any text of the application, e.g. who committed and why. The broker limits its length, 4096 bytes by default.
/// </param>
/// <param name="LeaderEpoch">
/// The leader epoch of the last processed record, which lets data loss be noticed (KIP-320); null if not known.
/// </param>
public readonly record struct OffsetAndMetadata(long Offset, string Metadata = "", int? LeaderEpoch = null);
