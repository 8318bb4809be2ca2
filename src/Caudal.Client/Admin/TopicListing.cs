using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>A topic of the cluster.</summary>
/// <param name="Name">The name.</param>
/// <param name="Id">The id; <see cref="Uuid.Zero"/> on brokers without ids.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="IsInternal">Whether it belongs to the brokers, as <c>__consumer_offsets</c>.</param>
public sealed record TopicListing(string Name, Uuid Id, int Partitions, bool IsInternal);
