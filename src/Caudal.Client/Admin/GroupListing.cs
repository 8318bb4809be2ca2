namespace Caudal.Client;

/// <summary>A group of the cluster.</summary>
/// <param name="GroupId">The group's name.</param>
/// <param name="ProtocolType"><c>consumer</c> for consumers; empty for groups that only keep offsets.</param>
/// <param name="State">Kafka's name of the state, e.g. <c>Stable</c>; empty on brokers that do not tell.</param>
/// <param name="Type"><c>classic</c>, <c>consumer</c>, …; empty on brokers that do not tell.</param>
public sealed record GroupListing(string GroupId, string ProtocolType, string State, string Type);
