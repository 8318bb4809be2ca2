namespace Caudal.Client;

/// <summary>Is told, and awaited, when a group gives partitions to a consumer or takes them away.</summary>
/// <remarks>
/// The calls come one after another, never while a record is being processed, unless processing took longer than
/// <see cref="ConsumerOptions.MaxPollInterval"/>. They may seek, pause and commit; they must not ask for records. An exception is logged
/// and ends nothing. Every method is optional.
/// </remarks>
public interface IRebalanceListener
{
    /// <summary>Partitions were assigned; their first record has not been fetched yet: the place to seek.</summary>
    ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Partitions are about to be given up and are still this consumer's: the place to commit by hand.</summary>
    ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Partitions belong to somebody else already: nothing can be committed for them any more.</summary>
    ValueTask OnLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
