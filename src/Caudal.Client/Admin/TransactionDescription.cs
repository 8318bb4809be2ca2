namespace Caudal.Client;

/// <summary>A producer that is known to a partition.</summary>
/// <param name="ProducerId">Its id.</param>
/// <param name="ProducerEpoch">Its epoch.</param>
/// <param name="LastSequence">The number of its last record, −1 for none.</param>
/// <param name="LastTimestamp">When it wrote last; null if it did not.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator of its last transaction, −1 for none.</param>
/// <param name="TransactionStart">The first offset of its open transaction; null if none is open.</param>
public sealed record ProducerDescription(
    long ProducerId, int ProducerEpoch, int LastSequence, DateTimeOffset? LastTimestamp, int CoordinatorEpoch, long? TransactionStart);

/// <summary>A transactional id and its transaction.</summary>
/// <param name="State">As Kafka names it: Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, Dead.</param>
/// <param name="ProducerId">The id of its producer.</param>
/// <param name="ProducerEpoch">The producer's epoch.</param>
/// <param name="Timeout">After which time the coordinator aborts it.</param>
/// <param name="Started">When the open transaction began; null if none is open.</param>
/// <param name="Partitions">The partitions that take part in it.</param>
/// <param name="CoordinatorId">The broker that coordinates it.</param>
public sealed record TransactionDescription(
    string State,
    long ProducerId,
    int ProducerEpoch,
    TimeSpan Timeout,
    DateTimeOffset? Started,
    IReadOnlyList<TopicPartition> Partitions,
    int CoordinatorId);

/// <summary>A transactional id that a coordinator knows.</summary>
/// <param name="TransactionalId">The id.</param>
/// <param name="ProducerId">The id of its producer.</param>
/// <param name="State">The state of its transaction, as in <see cref="TransactionDescription"/>.</param>
public sealed record TransactionListing(string TransactionalId, long ProducerId, string State);
