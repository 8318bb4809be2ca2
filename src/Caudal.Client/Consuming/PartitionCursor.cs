using Caudal.Protocol;

namespace Caudal.Client.Consuming;

/// <summary>What a cursor waits for before its partition can be fetched.</summary>
internal enum CursorState
{
    /// <summary>The group's committed offset.</summary>
    NeedsCommitted,

    /// <summary>An offset from the partition's leader: its first, its last, or one by time.</summary>
    NeedsOffset,

    /// <summary>The leader's word that its log still holds what was read before the position (KIP-320).</summary>
    NeedsValidation,

    /// <summary>Nothing: it has a position.</summary>
    Ready,

    /// <summary>The user: its fault was reported, and only a seek or a new assignment goes on.</summary>
    Failed,
}

/// <summary>
/// One assigned partition within one session. Everything but <see cref="Track"/>'s values is guarded by the session's lock.
/// </summary>
internal sealed class PartitionCursor(TopicPartition partition)
{
    private PositionTrack _track = new(-1, -1);

    public TopicPartition Partition => partition;

    public CursorState State { get; set; }

    /// <summary>The time that <see cref="CursorState.NeedsOffset"/> asks for: Kafka's −1 latest, −2 earliest, or milliseconds.</summary>
    public long ResetTimestamp { get; set; }

    /// <summary>
    /// Whether records that were fetched before the reset still wait to be taken, and remain valid if the reset goes forward.
    /// </summary>
    public bool KeepsTrackOnReset { get; set; }

    public bool Paused { get; set; }

    /// <summary>Whether listeners have not been told of the partition yet: nothing is fetched before they had the chance to seek.</summary>
    public bool Held { get; set; }

    public Uuid TopicId { get; set; }

    /// <summary>The broker that is asked for the partition; −1 if it has to be found.</summary>
    public int Leader { get; set; } = -1;

    /// <summary>Whether what is known of the leader turned out to be wrong.</summary>
    public bool IsLeaderStale { get; set; }

    public int LeaderEpoch { get; set; } = -1;

    /// <summary>The last offset that was committed, so that it is not committed again; −1 if none.</summary>
    public long Committed { get; set; } = -1;

    /// <summary>The end of the partition as the last fetch told it; −1 before the first.</summary>
    public long HighWatermark { get; set; } = -1;

    /// <summary>
    /// Up to where consumers may read, as the last fetch told it: less than the high watermark for committed reads; −1 before.
    /// </summary>
    public long ReadableEnd { get; set; } = -1;

    /// <summary>The first offset that the broker still holds, as the last fetch told it; −1 before the first.</summary>
    public long LogStart { get; set; } = -1;

    /// <summary>The track for which a fetch is under way.</summary>
    public PositionTrack? InFlight { get; set; }

    /// <summary>The bytes of this partition that wait to be taken.</summary>
    public long BufferedBytes { get; set; }

    public PositionTrack Track
    {
        get => Volatile.Read(ref _track);
        set => Volatile.Write(ref _track, value);
    }

    /// <summary>Makes everything that was fetched stale and goes on from what was handed out.</summary>
    public void Refetch() => Track = new PositionTrack(Track.Position, Track.Stored, Track.Epoch) { Root = Track.Root };
}
