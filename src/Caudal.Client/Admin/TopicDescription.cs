using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>A topic and its partitions.</summary>
/// <param name="Name">The name.</param>
/// <param name="Id">The id; <see cref="Uuid.Zero"/> on brokers without ids.</param>
/// <param name="IsInternal">Whether it belongs to the brokers.</param>
/// <param name="Partitions">The partitions in the order of their numbers.</param>
public sealed record TopicDescription(string Name, Uuid Id, bool IsInternal, IReadOnlyList<PartitionDescription> Partitions);

/// <summary>A partition and where it is kept.</summary>
/// <param name="Partition">The partition's number.</param>
/// <param name="LeaderId">The broker that leads it; −1 while there is none.</param>
/// <param name="LeaderEpoch">The leader's epoch; −1 if the broker did not tell.</param>
/// <param name="Replicas">The brokers that keep it, the preferred leader first.</param>
/// <param name="InSyncReplicas">Those that are in step with the leader.</param>
public sealed record PartitionDescription(
    int Partition,
    int LeaderId,
    int LeaderEpoch,
    IReadOnlyList<int> Replicas,
    IReadOnlyList<int> InSyncReplicas);
