using Microsoft.Extensions.Logging;

namespace Caudal.Storage;

/// <summary>What a store shares with its logs.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Durability">What an acknowledged append has survived.</param>
/// <param name="MaxFlushMs">How long a record may wait for the disk, whatever the topic says; no limit but in mode interval.</param>
/// <param name="Flusher">Brings logs to the disk; null in memory.</param>
/// <param name="Names">Brings the names of new partitions to the disk; null in memory.</param>
/// <param name="StartOffsets">Writes the start offsets of all logs; null in memory.</param>
/// <param name="Logger">Where logging goes.</param>
internal sealed record LogContext(
    TimeProvider Time,
    Durability Durability,
    long MaxFlushMs,
    GroupFlusher? Flusher,
    SharedSync? Names,
    SharedSync? StartOffsets,
    ILogger Logger)
{
    /// <summary>Whether something is promised about power cuts: then names and small files need syncs of their own.</summary>
    internal bool SurvivesPowerCuts => Durability is Durability.Interval or Durability.Group;
}
