using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Tests.Support;

/// <summary>Reads a log as a consumer of committed records does: up to the last stable offset, without what was aborted.</summary>
internal static class CommittedReader
{
    internal static List<(long Offset, string Value)> Read(PartitionLog log, long from, int maxBytes)
    {
        var result = new List<(long Offset, string Value)>();
        var next = from;
        while (next < log.LastStableOffset)
        {
            using var read = log.Read(next, maxBytes, atLeastOneBatch: true, log.LastStableOffset);
            Assert.Equal(ErrorCode.None, read.Error);
            var end = next;
            foreach (var batch in new RecordBatchEnumerator(read.Records.Span))
                end = batch.LastOffset + 1;
            Assert.True(end > next);
            Take(read.Records.Span, next, log.FindAborted(next, end)!, result);
            next = end;
        }

        return result;
    }

    // As KIP-98 describes it: a producer's records are void from the first offset of an aborted transaction to its marker.
    private static void Take(
        ReadOnlySpan<byte> batches, long from, IReadOnlyList<AbortedTransaction> aborted, List<(long Offset, string Value)> result)
    {
        Assert.Equal(aborted.OrderBy(a => a.FirstOffset), aborted);
        var waiting = new Queue<AbortedTransaction>(aborted);
        var voided = new HashSet<long>();
        foreach (var batch in new RecordBatchEnumerator(batches))
        {
            while (waiting.TryPeek(out var first) && first.FirstOffset <= batch.LastOffset)
                voided.Add(waiting.Dequeue().ProducerId);
            if (batch.IsControl && ControlRecord.Read(batch).Type == ControlRecordType.Abort)
                voided.Remove(batch.ProducerId);
            if (batch.IsControl || (batch.IsTransactional && voided.Contains(batch.ProducerId)))
                continue;
            result.AddRange(Batches.Parse(batch.Bytes).Where(r => r.Offset >= from));
        }
    }
}
