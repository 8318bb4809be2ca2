using Caudal.Storage.Producers;
using Caudal.Storage.Segments;

namespace Caudal.Storage.Recovery;

/// <summary>What a partition's directory held.</summary>
internal sealed class LoadedLog
{
    /// <summary>The segments in order; the last one takes the next append.</summary>
    internal List<LogSegment> Segments { get; } = [];

    internal ProducerStates Producers { get; } = new();

    internal LeaderEpochs Epochs { get; } = new();

    internal long LogStartOffset { get; set; }

    internal long EndOffset { get; set; }

    /// <summary>Up to here the disk has everything.</summary>
    internal long RecoveryPoint { get; set; }

    /// <summary>Whether snapshot, indexes and epochs in the files are those of the end.</summary>
    internal bool WasClean { get; set; }

    /// <summary>What was cut off, for the log; null if nothing was.</summary>
    internal string? Damage { get; set; }
}
