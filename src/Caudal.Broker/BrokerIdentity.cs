namespace Caudal.Broker;

/// <summary>Who this broker is in the cluster that its nodes make up.</summary>
/// <param name="NodeId">The id of its first node.</param>
/// <param name="ClusterId">The cluster's id, kept in the data directory.</param>
/// <param name="Rack">The rack that it says it stands in; null for none.</param>
internal sealed record BrokerIdentity(int NodeId, string ClusterId, string? Rack);
