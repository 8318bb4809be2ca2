namespace Caudal.Client;

/// <summary>The cluster and its brokers.</summary>
/// <param name="ClusterId">The cluster's id.</param>
/// <param name="ControllerId">The broker that takes administrative changes; −1 if unknown.</param>
/// <param name="Brokers">The brokers in the order of their ids.</param>
public sealed record ClusterDescription(string ClusterId, int ControllerId, IReadOnlyList<BrokerDescription> Brokers);

/// <summary>A broker of the cluster.</summary>
/// <param name="Id">The broker's id.</param>
/// <param name="Host">Where clients reach it.</param>
/// <param name="Port">The port.</param>
/// <param name="Rack">The rack that it stands in, or null.</param>
public sealed record BrokerDescription(int Id, string Host, int Port, string? Rack);
