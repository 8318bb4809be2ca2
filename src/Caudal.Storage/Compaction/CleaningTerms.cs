namespace Caudal.Storage.Compaction;

/// <summary>What holds for all batches of a round of compaction.</summary>
/// <param name="UpperBound">The first offset that the round does not touch: the batch before it stays, if only as a header.</param>
/// <param name="NowMs">The time.</param>
/// <param name="DeleteRetentionMs">How long tombstones and markers stay once nothing else is left (<c>delete.retention.ms</c>).</param>
internal readonly record struct CleaningTerms(long UpperBound, long NowMs, long DeleteRetentionMs);
