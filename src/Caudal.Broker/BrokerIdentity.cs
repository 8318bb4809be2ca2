namespace Caudal.Broker;

/// <summary>Who this broker is in the cluster that its nodes make up.</summary>
/// <param name="NodeId">The id of its first node.</param>
/// <param name="ClusterId">The cluster's id, kept in the data directory.</param>
internal sealed record BrokerIdentity(int NodeId, string ClusterId);
