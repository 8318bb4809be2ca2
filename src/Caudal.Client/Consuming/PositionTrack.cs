namespace Caudal.Client.Consuming;

/// <summary>
/// How far a partition was read since its position was last set. A seek, a pause or a revocation puts a new one in its place.
/// </summary>
/// <remarks>
/// Whatever was fetched under an earlier track is stale, and whoever still writes to it changes nothing any more: this is how records that
/// are in flight or in the user's hands lose their effect at once, without a lock on the path of a record. Values are offsets; −1 is "not
/// known".
/// </remarks>
internal sealed class PositionTrack(long position, long stored, int epoch = -1)
{
    private long _position = position;
    private long _stored = stored;

    private readonly PositionTrack? _root;

    /// <summary>The track that this one goes on from where it was: itself after a seek.</summary>
    public PositionTrack Root
    {
        get => _root ?? this;
        init => _root = value;
    }

    /// <summary>The next offset to ask the broker for; written under the session's lock.</summary>
    public long FetchOffset { get; set; } = position;

    /// <summary>The leader epoch of the record before <see cref="FetchOffset"/>; written under the session's lock.</summary>
    public int FetchEpoch { get; set; } = epoch;

    /// <summary>The leader epoch under which the broker confirmed that <see cref="FetchEpoch"/> reaches this far (KIP-320).</summary>
    public int ConfirmedEpoch { get; set; } = -1;

    /// <summary>The leader epoch of what was handed out last.</summary>
    public int Epoch { get; set; } = epoch;

    /// <summary>The end of the partition that the user was told of last; −1 for none.</summary>
    public long ToldEnd { get; set; } = -1;

    /// <summary>The offset behind the last record that was handed out.</summary>
    public long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    /// <summary>What the next commit writes: the offset behind the last record that counts as processed.</summary>
    public long Stored
    {
        get => Volatile.Read(ref _stored);
        set => Volatile.Write(ref _stored, value);
    }
}
