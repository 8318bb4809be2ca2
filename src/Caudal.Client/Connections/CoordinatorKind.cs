namespace Caudal.Client.Connections;

/// <summary>What a coordinator coordinates: the key type of FindCoordinator.</summary>
internal enum CoordinatorKind : sbyte
{
    /// <summary>A group: its members and offsets.</summary>
    Group = 0,

    /// <summary>A transactional id: its producer and its transactions.</summary>
    Transaction = 1,
}
