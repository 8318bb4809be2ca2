using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>A topic that was created.</summary>
/// <param name="Name">The name.</param>
/// <param name="Id">The id; <see cref="Uuid.Zero"/> if the broker did not tell.</param>
/// <param name="Partitions">How many partitions it has; −1 if the broker did not tell.</param>
/// <param name="ReplicationFactor">On how many brokers each is kept; −1 if the broker did not tell.</param>
public sealed record CreatedTopic(string Name, Uuid Id, int Partitions, short ReplicationFactor);
