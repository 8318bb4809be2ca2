using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Broker.StateLogs;

/// <summary>The log behind a coordinator: the partitions of <c>__consumer_offsets</c> or of <c>__transaction_state</c>.</summary>
internal interface IStateLog
{
    /// <summary>The topic's name.</summary>
    string Topic { get; }

    /// <summary>
    /// How many partitions there are, or will be once the topic is created. Never changes: which partition a group or a transactional id
    /// has follows from it.
    /// </summary>
    int PartitionCount { get; }

    /// <summary>The leader epoch of a partition, which the coordinator takes for its own; 0 until the topic is created.</summary>
    int EpochOf(int partition);

    /// <summary>Creates the topic if there is none yet.</summary>
    ValueTask PrepareAsync();

    /// <summary>
    /// Appends a batch, all of it or nothing, and completes when it is as durable as the broker promises. Batches of a partition lie in the
    /// log in the order of the calls, whatever they wait for afterwards. Call <see cref="PrepareAsync"/> once before.
    /// </summary>
    /// <param name="partition">The partition, 0 to <see cref="PartitionCount"/> − 1.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Gives the wait up; the records may be in the log all the same.</param>
    ValueTask<ErrorCode> AppendAsync(int partition, StateBatch batch, CancellationToken cancellationToken);

    /// <summary>Reads everything that was appended, in order within each partition.</summary>
    /// <param name="visit">Called for each record and marker.</param>
    /// <param name="cancellationToken">Gives the reading up.</param>
    ValueTask ReadAllAsync(StateVisitor visit, CancellationToken cancellationToken);
}

/// <summary>Sees one record or marker of a coordinator's topic.</summary>
internal delegate void StateVisitor(StateEntry entry);

/// <summary>A record of a coordinator's topic, or a marker; the memory is valid during the call only.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="ProducerId">In whose transaction the record is, or whose the marker ends; −1 for a record that counts at once.</param>
/// <param name="Key">The key; empty for a marker.</param>
/// <param name="Value">The value; null for a record that deletes the key.</param>
/// <param name="Marker">How the producer's transaction ended; null for a record.</param>
internal readonly record struct StateEntry(
    int Partition, long ProducerId, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Value, ControlRecordType? Marker = null);
