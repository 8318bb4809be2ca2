namespace Caudal.Broker;

/// <summary>Who this broker is in the cluster that it alone makes up.</summary>
/// <param name="NodeId">Its id: leader and only replica of every partition, controller and coordinator.</param>
/// <param name="ClusterId">The cluster's id, kept in the data directory.</param>
/// <param name="Rack">The rack that it says it stands in; null for none.</param>
internal sealed record BrokerIdentity(int NodeId, string ClusterId, string? Rack);
