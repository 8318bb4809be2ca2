using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Transactions;

/// <summary>Encodes and decodes the records of <c>__transaction_state</c> as Kafka 4.3 does.</summary>
internal static class TransactionRecords
{
    private const short KeyVersion = 0;
    private const short ValueVersion = 1;

    /// <summary>The record of a transactional id.</summary>
    public static StateRecord Store(string id, TransactionStatus status)
    {
        var value = new TransactionLogValue
        {
            ProducerId = status.ProducerId,
            PreviousProducerId = status.PreviousProducerId,
            NextProducerId = status.NextProducerId,
            ProducerEpoch = status.Epoch,
            TransactionTimeoutMs = status.TimeoutMs,
            TransactionStatus = (sbyte)status.State,
            TransactionPartitions = status.State == TransactionState.Empty ? null : Group(status.Partitions),
            TransactionLastUpdateTimestampMs = status.UpdatedMs,
            TransactionStartTimestampMs = status.StartMs,
            ClientTransactionVersion = status.ClientVersion,
        };
        return new StateRecord(EncodeKey(id), StateRecord.Encode(ValueVersion, value, ValueVersion), status.UpdatedMs);
    }

    /// <summary>The record that forgets a transactional id.</summary>
    public static StateRecord Delete(string id, long nowMs) => new(EncodeKey(id), null, nowMs);

    /// <summary>Reads the transactional id of a record.</summary>
    /// <exception cref="KafkaException">The key is malformed or of another type.</exception>
    public static string ReadKey(ReadOnlyMemory<byte> key)
    {
        var type = StateRecord.KeyType(key);
        return type == KeyVersion
            ? StateRecord.Decode<TransactionLogKey>(key, 0).TransactionalId
            : throw new ProtocolException($"A key of type {type} belongs to no transactional id.");
    }

    /// <summary>Reads what a record says of a transactional id.</summary>
    /// <exception cref="KafkaException">The value is malformed or of a version that is not known.</exception>
    public static TransactionStatus ReadValue(ReadOnlyMemory<byte> bytes)
    {
        var value = StateRecord.Decode<TransactionLogValue>(bytes);
        var partitions = new HashSet<PartitionKey>();
        foreach (var topic in value.TransactionPartitions ?? [])
        {
            foreach (var partition in topic.PartitionIds)
                partitions.Add(new PartitionKey(topic.Topic, partition));
        }

        return new TransactionStatus
        {
            ProducerId = value.ProducerId,
            PreviousProducerId = value.PreviousProducerId,
            NextProducerId = value.NextProducerId,
            Epoch = value.ProducerEpoch,
            TimeoutMs = value.TransactionTimeoutMs,
            State = (TransactionState)value.TransactionStatus,
            Partitions = partitions,
            StartMs = value.TransactionStartTimestampMs,
            UpdatedMs = value.TransactionLastUpdateTimestampMs,
            ClientVersion = value.ClientTransactionVersion,
        };
    }

    private static TransactionLogValue.PartitionsSchema[] Group(IReadOnlySet<PartitionKey> partitions) =>
    [
        .. partitions.GroupBy(static p => p.Topic).Select(static topic => new TransactionLogValue.PartitionsSchema
        {
            Topic = topic.Key,
            PartitionIds = [.. topic.Select(static p => p.Partition)],
        }),
    ];

    private static byte[] EncodeKey(string id) =>
        StateRecord.Encode(KeyVersion, new TransactionLogKey { TransactionalId = id }, 0);
}
