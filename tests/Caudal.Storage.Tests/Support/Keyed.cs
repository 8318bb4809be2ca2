using System.Text;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Tests.Support;

/// <summary>Compacted logs: records by key.</summary>
internal static class Keyed
{
    internal static readonly LogConfig Compacted = LogConfig.Default with
    {
        CleanupDelete = false,
        CleanupCompact = true,
        MinCleanableDirtyRatio = 0,
        SegmentBytes = 500,
        IndexIntervalBytes = 100,
        DeleteRetentionMs = 60_000,
    };

    /// <summary>A batch of pairs "key=value"; "key" alone is a tombstone.</summary>
    internal static Memory<byte> Of(RecordBatchProducer producer, CompressionType codec, params string[] pairs) =>
        Batches.Make(
            [
                .. pairs.Select(p => p.Split('=')).Select((p, i) => (Batches.Time + i, (string?)p[0], p.Length > 1 ? p[1] : null)),
            ],
            producer, codec);

    internal static Task<AppendResult> PutAsync(this StoreFixture store, params string[] pairs) =>
        store.AppendAsync(Of(RecordBatchProducer.None, CompressionType.None, pairs));

    /// <summary>Closes the active segment, as compaction does not touch it, by filling the next one.</summary>
    internal static async Task RollAsync(this StoreFixture store)
    {
        var segments = store.Log.Segments.Length;
        for (var i = 0; store.Log.Segments.Length == segments; i++)
            Assert.Equal(ErrorCode.None, (await store.PutAsync($"filler={i}")).Error);
    }

    internal static ValueTask CompactAsync(this StoreFixture store) =>
        store.Store.RunCompactionAsync(TestContext.Current.CancellationToken);

    /// <summary>All batches of a log as they lie there, read in pieces.</summary>
    internal static List<Batch> ReadBatches(PartitionLog log, int maxBytes = 300)
    {
        var result = new List<Batch>();
        for (var next = log.LogStartOffset; next < log.HighWatermark;)
        {
            using var read = log.Read(next, maxBytes, atLeastOneBatch: true);
            Assert.Equal(ErrorCode.None, read.Error);
            Assert.False(read.Records.IsEmpty);
            foreach (var batch in new RecordBatchEnumerator(read.Records.Span))
            {
                Assert.True(batch.HasValidCrc);
                result.Add(Read(batch));
                next = batch.LastOffset + 1;
            }
        }

        return result;
    }

    /// <summary>What a consumer sees: "offset:key=value", without control records.</summary>
    internal static List<string> ReadPairs(PartitionLog log) =>
        [.. ReadBatches(log).Where(b => !b.IsControl).SelectMany(b => b.Pairs)];

    private static Batch Read(RecordBatchView batch)
    {
        using var buffer = new PooledBuffer();
        var payload = batch.RecordsPayload;
        if (batch.Codec != 0)
        {
            Codec.Decompress((CompressionType)batch.Codec, payload, buffer, int.MaxValue);
            payload = buffer.WrittenSpan;
        }

        var pairs = new List<string>();
        foreach (var record in batch.GetRecords(payload))
        {
            var text = $"{record.Offset}:{Encoding.UTF8.GetString(record.Key)}";
            pairs.Add(record.IsValueNull ? text : $"{text}={Encoding.UTF8.GetString(record.Value)}");
        }

        return new Batch(
            batch.BaseOffset, batch.LastOffset, batch.IsControl, batch.HasDeleteHorizon, batch.BaseTimestamp, batch.BaseSequence,
            batch.ProducerId, pairs);
    }

    internal sealed record Batch(
        long BaseOffset, long LastOffset, bool IsControl, bool HasHorizon, long BaseTimestamp, int BaseSequence, long ProducerId,
        List<string> Pairs);
}
