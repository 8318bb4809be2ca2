using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>A directory in which a broker keeps logs.</summary>
/// <param name="Path">The directory, on the broker's machine.</param>
/// <param name="Error">What is wrong with it, e.g. KAFKA_STORAGE_ERROR for a failed disk; null if nothing is.</param>
/// <param name="TotalBytes">The size of the volume, −1 if not told (before Kafka 3.3).</param>
/// <param name="UsableBytes">What is free on the volume, −1 if not told.</param>
/// <param name="Replicas">The replicas that are kept there.</param>
public sealed record LogDirDescription(
    string Path, KafkaException? Error, long TotalBytes, long UsableBytes, IReadOnlyList<ReplicaDescription> Replicas);

/// <summary>A replica of a partition in a directory of a broker.</summary>
/// <param name="TopicPartition">The partition.</param>
/// <param name="Size">The bytes that it takes up.</param>
/// <param name="OffsetLag">How many offsets it is behind.</param>
/// <param name="IsFuture">Whether it is being moved here and will replace the present one.</param>
public sealed record ReplicaDescription(TopicPartition TopicPartition, long Size, long OffsetLag, bool IsFuture);

/// <summary>How the leader of a partition is chosen.</summary>
public enum ElectionType
{
    /// <summary>The first replica in the list, if it is in sync.</summary>
    Preferred,

    /// <summary>Any replica that is alive if none is in sync: records may be lost.</summary>
    Unclean,
}

/// <summary>A partition whose replicas are being moved.</summary>
/// <param name="Replicas">All replicas, those that come and those that go included.</param>
/// <param name="Adding">Those that come.</param>
/// <param name="Removing">Those that go.</param>
public sealed record ReassignmentDescription(IReadOnlyList<int> Replicas, IReadOnlyList<int> Adding, IReadOnlyList<int> Removing);
