namespace Caudal.Client.Metadata;

/// <summary>What is known of a partition. Immutable.</summary>
/// <param name="Partition">The partition's number.</param>
/// <param name="LeaderId">The broker that leads it, −1 if there is none at the moment.</param>
/// <param name="LeaderEpoch">The leader's epoch, −1 if unknown.</param>
/// <param name="Replicas">The brokers that keep it.</param>
/// <param name="InSyncReplicas">Those that are in step.</param>
internal sealed record PartitionMetadata(int Partition, int LeaderId, int LeaderEpoch, int[] Replicas, int[] InSyncReplicas);
