using Caudal.Protocol;

namespace Caudal.Broker.Groups;

/// <summary>How far a group has come in one partition.</summary>
/// <param name="Offset">The offset of the next record to process.</param>
/// <param name="LeaderEpoch">The leader epoch of the last record processed; −1 if the client did not say.</param>
/// <param name="Metadata">Text of the application's own.</param>
/// <param name="CommittedAtMs">When it was committed, in ms since 1970.</param>
/// <param name="TopicId">The id of the topic at that time; zero if not known. It tells a topic from a former one of the same name.</param>
/// <param name="ExpiresAtMs">When it is to be forgotten, in ms since 1970; −1 if the broker's retention decides.</param>
internal sealed record CommittedOffset(
    long Offset, int LeaderEpoch, string Metadata, long CommittedAtMs, Uuid TopicId, long ExpiresAtMs = -1)
{
    /// <summary>Where its record stands among all of the group's: of two offsets the later one counts, whenever it was completed.</summary>
    public long Order { get; init; }
}
