namespace Caudal.Broker.Groups;

/// <summary>The states of a classic group. The names are Kafka's own: DescribeGroups and ListGroups tell them as they are here.</summary>
internal enum GroupState
{
    /// <summary>No members; offsets may exist.</summary>
    Empty,

    /// <summary>A new generation is being formed: members join, or join again.</summary>
    PreparingRebalance,

    /// <summary>The members of the new generation are known; the leader's assignment is awaited.</summary>
    CompletingRebalance,

    /// <summary>Every member has its assignment.</summary>
    Stable,

    /// <summary>The group was deleted; the object is left to those that still hold it.</summary>
    Dead,
}
