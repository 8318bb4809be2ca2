namespace Caudal.Client;

/// <summary>A feature that the cluster switches on as a whole (KIP-584), e.g. <c>transaction.version</c>.</summary>
/// <param name="MinSupported">The lowest level that the broker can work at; 0 if it does not know the feature.</param>
/// <param name="MaxSupported">The highest level that the broker can work at.</param>
/// <param name="Finalized">The level that the cluster works at; 0 if the feature is off.</param>
public sealed record FeatureDescription(int MinSupported, int MaxSupported, int Finalized);

/// <summary>How a feature's level may be changed.</summary>
public enum FeatureUpgrade
{
    /// <summary>Only upwards.</summary>
    Upgrade = 1,

    /// <summary>Downwards, if nothing is lost by it.</summary>
    SafeDowngrade = 2,

    /// <summary>Downwards, even if metadata are lost by it.</summary>
    UnsafeDowngrade = 3,
}

/// <summary>The metadata quorum (KIP-595).</summary>
/// <param name="LeaderId">The controller that leads.</param>
/// <param name="LeaderEpoch">Its epoch.</param>
/// <param name="HighWatermark">The end of what is decided.</param>
/// <param name="Voters">The controllers that vote.</param>
/// <param name="Observers">Those that only follow: brokers.</param>
public sealed record QuorumDescription(
    int LeaderId, int LeaderEpoch, long HighWatermark, IReadOnlyList<QuorumReplica> Voters, IReadOnlyList<QuorumReplica> Observers);

/// <summary>A replica of the metadata log.</summary>
/// <param name="Id">The node's id.</param>
/// <param name="LogEndOffset">How far it has come.</param>
/// <param name="LastFetch">When it fetched last; null if not told.</param>
/// <param name="LastCaughtUp">When it was last in step; null if not told.</param>
public sealed record QuorumReplica(int Id, long LogEndOffset, DateTimeOffset? LastFetch, DateTimeOffset? LastCaughtUp);
