using System.Text;
using Caudal.Compression;
using Caudal.Protocol.Records;

namespace Caudal.Storage.Tests.Support;

/// <summary>Makes batches as a producer would, and reads them as a consumer would.</summary>
internal static class Batches
{
    internal const long Time = 1_700_000_000_000;

    internal static Memory<byte> Of(params string[] values) => Of(Time, values);

    internal static Memory<byte> Of(long timestamp, params string[] values) =>
        Make([.. values.Select(v => (timestamp, (string?)"k", (string?)v))], RecordBatchProducer.None);

    internal static Memory<byte> From(long id, short epoch, int sequence, int count = 1, bool transactional = false) =>
        Make(
            [
                .. Enumerable.Range(0, count)
                    .Select(i => (Time, (string?)"k", (string?)$"{id}:{epoch}:{unchecked(sequence + i) & int.MaxValue}")),
            ],
            new RecordBatchProducer(id, epoch, sequence, transactional));

    internal static Memory<byte> Sized(int bytes, long timestamp = Time)
    {
        // The header and what a record takes around its value: found by trying.
        var value = bytes - RecordBatchHeader.Size - 12;
        Memory<byte> batch;
        do
            batch = Of(timestamp, new string('x', value++));
        while (batch.Length < bytes);
        return batch;
    }

    internal static Memory<byte> Make(
        (long Timestamp, string? Key, string? Value)[] records, RecordBatchProducer producer, CompressionType codec = CompressionType.None)
    {
        using var writer = new RecordBatchWriter();
        foreach (var (timestamp, key, value) in records)
        {
            var keyBytes = Encoding.UTF8.GetBytes(key ?? "");
            var valueBytes = Encoding.UTF8.GetBytes(value ?? "");
            Assert.True(writer.TryAppend(timestamp, keyBytes, key is null, valueBytes, value is null, default, int.MaxValue));
        }

        if (codec == CompressionType.None)
            return writer.Finish(producer).ToArray();
        using var compressed = new PooledBuffer();
        Codec.Compress(codec, writer.Records.Span, compressed);
        var batch = new byte[RecordBatchHeader.Size + compressed.WrittenCount];
        compressed.WrittenSpan.CopyTo(batch.AsSpan(RecordBatchHeader.Size));
        writer.WriteHeader(batch, (int)codec, producer);
        return batch;
    }

    internal static Memory<byte> Marker(long id, short epoch, ControlRecordType type, int coordinatorEpoch = 0)
    {
        var batch = new byte[ControlRecord.BatchSize];
        new ControlRecord(type, 0, coordinatorEpoch).WriteBatch(batch, 0, -1, Time, id, epoch);
        return batch;
    }

    /// <summary>All records of batches that are not compressed.</summary>
    internal static List<(long Offset, string Value)> Parse(ReadOnlySpan<byte> batches)
    {
        var result = new List<(long, string)>();
        var walk = new RecordBatchEnumerator(batches);
        foreach (var batch in walk)
        {
            Assert.True(batch.HasValidCrc);
            foreach (var record in batch.GetRecords())
                result.Add((record.Offset, Encoding.UTF8.GetString(record.Value)));
        }

        return result;
    }

    /// <summary>Everything a log has from an offset on, read in pieces as consumers do.</summary>
    internal static List<(long Offset, string Value)> ReadAll(PartitionLog log, long from = -1, int maxBytes = 700)
    {
        var result = new List<(long Offset, string Value)>();
        var next = from < 0 ? log.LogStartOffset : from;
        while (next < log.HighWatermark)
        {
            using var read = log.Read(next, maxBytes, atLeastOneBatch: true);
            Assert.Equal(Protocol.ErrorCode.None, read.Error);
            var records = Parse(read.Records.Span);
            Assert.NotEmpty(records);
            result.AddRange(records.Where(r => r.Offset >= next));
            next = records[^1].Offset + 1;
        }

        return result;
    }
}
