using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Fault = Caudal.Protocol.Messages.ProduceResponse.BatchIndexAndErrorMessage;

namespace Caudal.Broker.Handlers;

/// <summary>
/// Finds the records that made a compacted topic refuse a batch, so that the producer can tell them from the innocent ones beside them
/// (KIP-467).
/// </summary>
internal static class RecordFaults
{
    /// <summary>The records without a key; empty if that is not what is wrong.</summary>
    /// <param name="records">The batch that was refused.</param>
    /// <param name="topic">The topic, for the message.</param>
    /// <param name="partition">The partition, for the message.</param>
    /// <param name="maxBytes">The most that a compressed batch may unpack to.</param>
    public static Fault[] WithoutKey(ReadOnlyMemory<byte> records, string topic, int partition, int maxBytes)
    {
        try
        {
            var batch = RecordBatchView.Read(records.Span);
            using var unpacked = new PooledBuffer();
            if (batch.Codec != 0)
                Codec.Decompress((CompressionType)batch.Codec, batch.RecordsPayload, unpacked, maxBytes);
            var faults = new List<Fault>();
            foreach (var record in batch.Codec == 0 ? batch.GetRecords() : batch.GetRecords(unpacked.WrittenSpan))
            {
                if (record.IsKeyNull)
                {
                    faults.Add(new Fault
                    {
                        BatchIndex = record.OffsetDelta,
                        BatchIndexErrorMessage =
                            $"Compacted topic cannot accept message without key in topic partition {topic}-{partition}.",
                    });
                }
            }

            return [.. faults];
        }
        catch (Exception e) when (e is ProtocolException or CompressionException)
        {
            // The batch is broken in other ways: the error of the whole says which.
            return [];
        }
    }
}
