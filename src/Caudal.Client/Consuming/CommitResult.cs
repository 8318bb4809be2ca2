namespace Caudal.Client;

/// <summary>What became of a commit: offsets of partitions that belong to another member by now are left out, which is no error.</summary>
/// <param name="Committed">The offsets that the coordinator took.</param>
/// <param name="Revoked">
/// The offsets that were not committed, because their partitions were taken from this consumer: their new owner reads the records again.
/// </param>
public sealed record CommitResult(IReadOnlyList<TopicPartitionOffset> Committed, IReadOnlyList<TopicPartitionOffset> Revoked)
{
    internal static CommitResult Nothing { get; } = new([], []);

    /// <summary>Whether every offset was committed.</summary>
    public bool IsComplete => Revoked.Count == 0;
}
