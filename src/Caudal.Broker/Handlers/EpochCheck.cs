using Caudal.Protocol;

namespace Caudal.Broker.Handlers;

/// <summary>Compares the leader epoch that a client knows with the one that holds (KIP-320).</summary>
internal static class EpochCheck
{
    /// <summary>Says what is wrong with the client's epoch.</summary>
    /// <param name="known">What the client knows; negative if it does not say.</param>
    /// <param name="current">The epoch of the log.</param>
    /// <returns>
    /// <see cref="ErrorCode.FencedLeaderEpoch"/> for a client whose metadata is old, <see cref="ErrorCode.UnknownLeaderEpoch"/> for one that
    /// is ahead.
    /// </returns>
    public static ErrorCode Fault(int known, int current) =>
        known < 0 || known == current ? ErrorCode.None
        : known < current ? ErrorCode.FencedLeaderEpoch
        : ErrorCode.UnknownLeaderEpoch;
}
