namespace Caudal.Client.Connections;

/// <summary>
/// What a connection is for. Each purpose has a connection of its own to a broker, so that a long poll holds nobody else up.
/// </summary>
internal enum ConnectionPurpose
{
    /// <summary>Metadata, administration, offsets: short requests.</summary>
    General,

    /// <summary>Produce requests, pipelined.</summary>
    Produce,

    /// <summary>Fetch requests, which wait at the broker.</summary>
    Fetch,

    /// <summary>Joins and heartbeats of groups; a join waits as long as a rebalance.</summary>
    Group,
}
