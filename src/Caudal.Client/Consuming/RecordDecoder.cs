using Caudal.Protocol.Records;

namespace Caudal.Client.Consuming;

/// <summary>Turns the records of a lease into typed ones. Immutable.</summary>
internal sealed class RecordDecoder<TKey, TValue>(
    IDeserializer<TKey> keys, IDeserializer<TValue> values, ConsumerInterceptors<TKey, TValue>? interceptors = null)
{
    private static readonly RecordHeader[] NoHeaders = [];

    /// <summary>
    /// Reads the record at a place in the lease and moves the place, and the lease's position, behind it, whether it can be read or not.
    /// </summary>
    /// <exception cref="RecordDeserializationException">A deserializer refused the record.</exception>
    public ConsumeResult<TKey, TValue> Read(RecordBatchLease lease, ref int position, ref int index)
    {
        var payload = lease.Payload;
        var record = lease.ReadAt(position, index);
        var start = position;
        position += record.SizeInBytes;
        index++;
        lease.Track.Position = record.Offset + 1;
        var isKey = true;
        ConsumeResult<TKey, TValue> result;
        try
        {
            var key = keys.Deserialize(
                payload.Slice(start + record.KeyStart, record.KeyLength), new SerializationContext(lease.Topic, true, record.IsKeyNull));
            isKey = false;
            var value = values.Deserialize(payload.Slice(start + record.ValueStart, record.ValueLength),
                new SerializationContext(lease.Topic, false, record.IsValueNull));
            var headers = record.HeaderCount == 0 ? NoHeaders : record.Headers.ToArray();
            result = new ConsumeResult<TKey, TValue>(
                lease.TopicPartition, record.Offset, record.Timestamp, lease.TimestampType, key, value, headers);
        }
        catch (Exception e)
        {
            throw new RecordDeserializationException(lease.TopicPartition, record, isKey, e);
        }

        return interceptors is null ? result : interceptors.OnConsume(result);
    }
}
