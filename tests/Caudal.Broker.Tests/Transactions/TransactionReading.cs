using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Tests.Transactions;

/// <summary>Reads as consumers of committed records do.</summary>
internal static class TransactionReading
{
    public static FetchRequest Committed(string topic, long offset, int maxWaitMs = 0, int partition = 0)
    {
        var request = Brokers.Fetch(topic, offset, partition, maxWaitMs);
        request.IsolationLevel = 1;
        return request;
    }

    /// <summary>All committed values of a partition up to the last stable offset.</summary>
    public static async Task<List<string>> ReadCommittedAsync(this TestClient client, string topic, int partition = 0)
    {
        var values = new List<string>();
        var offset = 0L;
        while (true)
        {
            var data = (await client.SendAsync(Committed(topic, offset, partition: partition), 12)).Responses[0].Partitions[0];
            Assert.Equal(ErrorCode.None, (ErrorCode)data.ErrorCode);
            if (data.Records is not { Length: > 0 } records)
            {
                Assert.Equal(data.LastStableOffset, offset);
                return values;
            }

            offset = Take(records, data.AbortedTransactions!, values);
        }
    }

    public static async Task<long> EndAsync(this TestClient client, string topic, sbyte isolation)
    {
        var response = await client.SendAsync(
            new ListOffsetsRequest
            {
                ReplicaId = -1,
                IsolationLevel = isolation,
                Topics = [new() { Name = topic, Partitions = [new() { Timestamp = -1 }] }],
            },
            6);
        return response.Topics[0].Partitions[0].Offset;
    }

    public static async Task<(long Offset, ErrorCode Error)> FetchOffsetAsync(
        this TestClient client, string group, string topic, bool stable = true)
    {
        var response = await client.SendAsync(
            new OffsetFetchRequest
            {
                GroupId = group,
                RequireStable = stable,
                Topics = [new() { Name = topic, PartitionIndexes = [0] }],
            },
            7);
        var partition = response.Topics![0].Partitions[0];
        return (partition.CommittedOffset, (ErrorCode)partition.ErrorCode);
    }

    private static long Take(ReadOnlyMemory<byte> records, FetchResponse.AbortedTransaction[] aborted, List<string> values)
    {
        var next = 0L;
        var waiting = new Queue<FetchResponse.AbortedTransaction>(aborted.OrderBy(a => a.FirstOffset));
        var voided = new HashSet<long>();
        foreach (var batch in new RecordBatchEnumerator(records.Span))
        {
            next = batch.LastOffset + 1;
            while (waiting.TryPeek(out var first) && first.FirstOffset <= batch.LastOffset)
                voided.Add(waiting.Dequeue().ProducerId);
            if (batch.IsControl)
            {
                if (ControlRecord.Read(batch).Type == ControlRecordType.Abort)
                    voided.Remove(batch.ProducerId);
                continue;
            }

            if (!batch.IsTransactional || !voided.Contains(batch.ProducerId))
                values.AddRange(Batches.Read(batch.Bytes.ToArray()).Select(r => r.Value));
        }

        return next;
    }
}
