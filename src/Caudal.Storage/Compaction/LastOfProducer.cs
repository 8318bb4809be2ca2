namespace Caudal.Storage.Compaction;

/// <summary>The last thing that an active producer wrote, which must stay for its state's sake.</summary>
/// <param name="Offset">The last offset of its last batch; −1 if it wrote none in its epoch.</param>
/// <param name="Epoch">Its epoch.</param>
internal readonly record struct LastOfProducer(long Offset, short Epoch);
