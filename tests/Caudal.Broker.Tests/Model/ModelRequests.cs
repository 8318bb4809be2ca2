using System.Text;
using Caudal.Broker.Tests.Support;
using Caudal.Broker.Tests.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Tests.Model;

/// <summary>The requests of the model test, with keys and values as text.</summary>
internal static class ModelRequests
{
    public static byte[] Batch(IEnumerable<(string Key, string? Value)> pairs, long timeMs, RecordBatchProducer producer)
    {
        using var writer = new RecordBatchWriter();
        foreach (var (key, value) in pairs)
        {
            var bytes = Encoding.UTF8.GetBytes(value ?? "");
            Assert.True(writer.TryAppend(timeMs, Encoding.UTF8.GetBytes(key), false, bytes, value is null, default, int.MaxValue));
        }

        return writer.Finish(producer).ToArray();
    }

    public static async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        this TestClient client, ModelLog log, byte[] batch, string? transactionalId = null, short version = 12)
    {
        var request = Brokers.Produce(log.Topic, batch, log.Partition);
        request.TransactionalId = transactionalId;
        return (await client.SendAsync(request, version)).Responses[0].PartitionResponses[0];
    }

    /// <summary>Everything that a consumer of a partition is given from an offset on.</summary>
    public static async Task<List<(long Offset, string Key, string? Value)>> ReadAsync(
        this TestClient client, ModelLog log, long offset, bool committed)
    {
        var result = new List<(long, string, string?)>();
        while (true)
        {
            var request = committed
                ? TransactionReading.Committed(log.Topic, offset, partition: log.Partition)
                : Brokers.Fetch(log.Topic, offset, log.Partition);
            var data = (await client.SendAsync(request, 12)).Responses[0].Partitions[0];
            Assert.Equal(ErrorCode.None, (ErrorCode)data.ErrorCode);
            Assert.Equal((log.End, log.LastStable, log.Start), (data.HighWatermark, data.LastStableOffset, data.LogStartOffset));
            if (data.Records is not { Length: > 0 } records)
            {
                Assert.Equal(committed ? log.LastStable : log.End, offset);
                return result;
            }

            offset = Take(records, offset, committed ? data.AbortedTransactions ?? [] : [], result);
        }
    }

    public static async Task<(long Offset, ErrorCode Error)> ListOffsetAsync(
        this TestClient client, ModelLog log, long timestamp, sbyte level = 0)
    {
        var response = await client.SendAsync(
            new ListOffsetsRequest
            {
                IsolationLevel = level,
                Topics = [new() { Name = log.Topic, Partitions = [new() { PartitionIndex = log.Partition, Timestamp = timestamp }] }],
            },
            7);
        var partition = response.Topics[0].Partitions[0];
        return (partition.Offset, (ErrorCode)partition.ErrorCode);
    }

    /// <summary>Takes the records of some batches, but for aborted ones, and says where the next batch begins.</summary>
    public static long Take(
        ReadOnlyMemory<byte> records,
        long from,
        FetchResponse.AbortedTransaction[] aborted,
        List<(long Offset, string Key, string? Value)> result)
    {
        var next = from;
        var waiting = new Queue<FetchResponse.AbortedTransaction>(aborted.OrderBy(a => a.FirstOffset));
        var voided = new HashSet<long>();
        foreach (var batch in new RecordBatchEnumerator(records.Span))
        {
            next = batch.LastOffset + 1;
            while (waiting.TryPeek(out var first) && first.FirstOffset <= batch.LastOffset)
                voided.Add(waiting.Dequeue().ProducerId);
            if (batch.IsControl)
            {
                if (batch.RecordCount > 0 && ControlRecord.Read(batch).Type == ControlRecordType.Abort)
                    voided.Remove(batch.ProducerId);
                continue;
            }

            if (batch.IsTransactional && voided.Contains(batch.ProducerId))
                continue;
            foreach (var record in batch.GetRecords(batch.RecordsPayload))
            {
                var value = record.IsValueNull ? null : Encoding.UTF8.GetString(record.Value);
                if (record.Offset >= from)
                    result.Add((record.Offset, Encoding.UTF8.GetString(record.Key), value));
            }
        }

        return next;
    }
}
