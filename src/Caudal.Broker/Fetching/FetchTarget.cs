using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Storage;

namespace Caudal.Broker.Fetching;

/// <summary>One partition that a fetch reads: where from, how much, and the log, or why it cannot be read.</summary>
internal struct FetchTarget
{
    /// <summary>The topic's name, as the request or the session knows it.</summary>
    public string Topic;

    /// <summary>The topic's id, zero in requests by name.</summary>
    public Uuid TopicId;

    /// <summary>The partition's number.</summary>
    public int Partition;

    /// <summary>The first offset wanted.</summary>
    public long Offset;

    /// <summary>The most bytes wanted.</summary>
    public int MaxBytes;

    /// <summary>The leader epoch that the client knows; −1 for none.</summary>
    public int LeaderEpoch;

    /// <summary>The leader epoch of the last record that the client has; −1 for none.</summary>
    public int LastFetchedEpoch;

    /// <summary>The topic; null if it does not exist.</summary>
    public Topic? Resolved;

    /// <summary>The log; null with an <see cref="Error"/>.</summary>
    public PartitionLog? Log;

    /// <summary>Why the partition cannot be read; None if it can.</summary>
    public ErrorCode Error;

    /// <summary>The node to read from instead; −1 to read here.</summary>
    public int PreferredReplica;

    /// <summary>Whether the answer for this partition needs no waiting: something is wrong with it, or with the offset.</summary>
    public readonly bool AnswersAtOnce =>
        Error != ErrorCode.None || Log is null || Offset < Log.LogStartOffset || Offset > Log.EndOffset
        || PreferredReplica >= 0 || IsDiverging;

    /// <summary>Whether the client's log has left ours: it holds an epoch that ended before its offset here (KIP-595).</summary>
    public readonly bool IsDiverging
    {
        get
        {
            if (LastFetchedEpoch < 0 || Log is null)
                return false;
            var (epoch, endOffset) = Log.EndOffsetFor(LastFetchedEpoch);
            return epoch < LastFetchedEpoch || endOffset < Offset;
        }
    }
}
