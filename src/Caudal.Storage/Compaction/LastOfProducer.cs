namespace Caudal.Storage.Compaction;

/// <summary>The last thing on the disk that an active producer wrote, which must stay for its state's sake.</summary>
/// <param name="Offset">The last offset of its last batch; −1 if it wrote none in its epoch.</param>
/// <param name="Epoch">Its epoch.</param>
internal readonly record struct LastOfProducer(long Offset, short Epoch)
{
    /// <summary>
    /// Whether it is not known which batch that is, because the last ones are not on the disk: a power cut would make an earlier one the
    /// last. Then all of the producer's stay.
    /// </summary>
    internal bool IsUncertain { get; init; }
}
