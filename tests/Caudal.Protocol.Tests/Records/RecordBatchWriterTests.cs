using System.Buffers;
using System.IO.Compression;
using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

public sealed class RecordBatchWriterTests
{
    private static readonly RecordBatchProducer Producer = new(4711, 3, int.MaxValue - 1, true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Records_read_back_as_they_were_written(bool streaming)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var records = ModelRecord.Random(random, random.Next(1, 200));
            using var writer = new RecordBatchWriter(random.Next(100));
            foreach (var record in records)
            {
                var before = writer.SizeInBytes;
                Assert.True(streaming ? Stream(writer, record, random, int.MaxValue) : record.AppendTo(writer));
                Assert.True(writer.SizeInBytes > before);
            }

            var batch = writer.Finish(Producer);
            Assert.Equal(writer.SizeInBytes, batch.Length);
            AssertBatch(records, batch.Span);
        }
    }

    [Fact]
    public void A_serializer_writes_the_same_bytes_as_an_append()
    {
        for (var seed = 1000; seed < 1300; seed++)
        {
            var random = new Random(seed);
            var records = ModelRecord.Random(random, random.Next(1, 100));
            using var writer = new RecordBatchWriter(0);
            foreach (var record in records)
                Assert.True(Stream(writer, record, random, int.MaxValue));
            Assert.Equal(ModelRecord.ToBatch(Producer, records), writer.Finish(Producer).ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_record_that_does_not_fit_leaves_the_batch_as_it_was(bool streaming)
    {
        var random = new Random(7);
        var records = ModelRecord.Random(random, 2000);
        using var writer = new RecordBatchWriter();
        var kept = new List<ModelRecord>();
        var refused = 0;
        foreach (var record in records)
        {
            var (size, count, max) = (writer.SizeInBytes, writer.Count, writer.MaxTimestamp);
            if (streaming ? Stream(writer, record, random, 16_384) : record.AppendTo(writer, 16_384))
            {
                kept.Add(record);
                Assert.True(writer.Count == 1 || writer.SizeInBytes <= 16_384);
                continue;
            }

            refused++;
            Assert.Equal((size, count, max), (writer.SizeInBytes, writer.Count, writer.MaxTimestamp));
            if (streaming)
                AssertPending(record, writer);
            AssertBatch(kept, writer.Finish(Producer).Span);
            if (refused % 10 == 0)
            {
                writer.Reset();
                kept.Clear();
            }
        }

        Assert.True(refused > 100);
    }

    [Fact]
    public void The_size_is_exact_to_the_byte()
    {
        var record = new ModelRecord(5, new byte[10], new byte[100], [new RecordHeader("h", new byte[3])]);
        var size = ModelRecord.ToBatch(RecordBatchProducer.None, record, record).Length;
        using var writer = new RecordBatchWriter();
        Assert.True(record.AppendTo(writer, size));
        Assert.False(record.AppendTo(writer, size - 1));
        Assert.True(record.AppendTo(writer, size));
        Assert.Equal(size, writer.SizeInBytes);
    }

    [Fact]
    public void The_first_record_may_exceed_the_size_only_if_the_writer_says_so()
    {
        var record = new ModelRecord(0, null, new byte[1000], []);
        using var lenient = new RecordBatchWriter();
        Assert.True(record.AppendTo(lenient, 100));
        Assert.False(record.AppendTo(lenient, 100));
        using var strict = new RecordBatchWriter { FirstRecordMayExceed = false };
        Assert.False(record.AppendTo(strict, 100));
        Assert.Equal((0, RecordBatchHeader.Size), (strict.Count, strict.SizeInBytes));
    }

    [Fact]
    public void A_refused_record_moves_to_the_next_batch()
    {
        using var full = new RecordBatchWriter();
        Assert.True(full.TryAppend(1, [1], false, [1], false, [], 1000));
        full.BeginRecord(2);
        full.WriteKey([1, 2, 3]);
        full.WriteValue([4, 5]);
        Assert.False(full.TryEndRecord([], 70));
        using var next = new RecordBatchWriter();
        Assert.True(next.TryAppend(2, full.PendingKey, full.IsPendingKeyNull, full.PendingValue, full.IsPendingValueNull, [], 1000));
        AssertBatch([new ModelRecord(2, [1, 2, 3], [4, 5], [])], next.Finish(RecordBatchProducer.None).Span);
        AssertBatch([new ModelRecord(1, [1], [1], [])], full.Finish(RecordBatchProducer.None).Span);
    }

    [Fact]
    public void Reset_starts_a_new_batch()
    {
        using var writer = new RecordBatchWriter(0, ArrayPool<byte>.Shared);
        var random = new Random(3);
        for (var round = 0; round < 20; round++)
        {
            var records = ModelRecord.Random(random, random.Next(1, 50));
            foreach (var record in records)
                Assert.True(record.AppendTo(writer));
            Assert.Equal(records.Max(record => record.Timestamp), writer.MaxTimestamp);
            Assert.Equal(records[0].Timestamp, writer.BaseTimestamp);
            AssertBatch(records, writer.Finish(Producer).Span);
            writer.Reset();
            Assert.Equal((0, -1L, RecordBatchHeader.Size), (writer.Count, writer.MaxTimestamp, writer.SizeInBytes));
        }
    }

    [Fact]
    public void Compressed_records_get_the_header_that_the_writer_writes()
    {
        var records = ModelRecord.Random(new Random(11), 100);
        using var writer = new RecordBatchWriter();
        foreach (var record in records)
            Assert.True(record.AppendTo(writer));
        using var output = new MemoryStream();
        output.Write(new byte[RecordBatchHeader.Size]);
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(writer.Records.Span);
        var bytes = output.ToArray();
        writer.WriteHeader(bytes, 1, Producer);

        var batch = RecordBatchView.Read(bytes);
        Assert.True(batch.HasValidCrc);
        Assert.Equal(1, batch.Codec);
        Assert.Equal(bytes.Length, batch.SizeInBytes);
        var index = 0;
        foreach (var record in batch.GetRecords(writer.Records.Span))
            records[index++].AssertEqual(record, writer.Records.Span);
        Assert.Equal(100, index);
    }

    [Fact]
    public void Calls_out_of_order_are_refused()
    {
        using var writer = new RecordBatchWriter();
        Assert.Throws<InvalidOperationException>(() => writer.TryEndRecord([], 100));
        Assert.Throws<InvalidOperationException>(() => writer.BeginKey());
        writer.BeginRecord(1);
        writer.WriteValue([1]);
        Assert.Throws<InvalidOperationException>(() => writer.BeginKey());
        Assert.Throws<InvalidOperationException>(() => writer.BeginValue());
        Assert.Throws<InvalidOperationException>(() => writer.TryAppend(1, [], true, [], true, [], 100));
        var error = Assert.Throws<InvalidOperationException>(() => writer.Finish(Producer));
        Assert.Contains("TryEndRecord", error.Message, StringComparison.Ordinal);
        writer.CancelRecord();
        Assert.Equal(RecordBatchHeader.Size, writer.Finish(Producer).Length);
        Assert.Throws<ArgumentException>(() => writer.TryAppend(1, [], true, [], true, [default], 100));
    }

    [Fact]
    public void A_batch_without_records_is_a_valid_batch()
    {
        using var writer = new RecordBatchWriter();
        var batch = RecordBatchView.Read(writer.Finish(RecordBatchProducer.None).Span);
        Assert.Equal(0, batch.RecordCount);
        Assert.True(batch.HasValidCrc);
        Assert.False(batch.GetRecords().MoveNext());
    }

    private static bool Stream(RecordBatchWriter writer, ModelRecord record, Random random, int maxBatchBytes)
    {
        writer.BeginRecord(record.Timestamp);
        if (record.Key is not null)
            WriteInParts(writer.BeginKey(), record.Key, random);
        if (record.Value is not null)
            WriteInParts(writer.BeginValue(), record.Value, random);
        return writer.TryEndRecord(record.Headers, maxBatchBytes);
    }

    private static void WriteInParts(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes, Random random)
    {
        while (bytes.Length > 0)
        {
            var part = bytes[..random.Next(1, bytes.Length + 1)];
            if (random.Next(2) == 0)
                part.CopyTo(output.GetSpan(part.Length));
            else
                part.CopyTo(output.GetMemory(part.Length).Span);
            output.Advance(part.Length);
            bytes = bytes[part.Length..];
        }
    }

    private static void AssertPending(ModelRecord record, RecordBatchWriter writer)
    {
        Assert.Equal(record.Key is null, writer.IsPendingKeyNull);
        Assert.Equal(record.Key ?? [], writer.PendingKey.ToArray());
        Assert.Equal(record.Value is null, writer.IsPendingValueNull);
        Assert.Equal(record.Value ?? [], writer.PendingValue.ToArray());
    }

    private static void AssertBatch(IReadOnlyList<ModelRecord> records, ReadOnlySpan<byte> bytes)
    {
        var batch = RecordBatchView.Read(bytes);
        Assert.True(batch.HasValidCrc);
        Assert.Equal(records.Count, batch.RecordCount);
        Assert.Equal(records.Count - 1, batch.LastOffsetDelta);
        Assert.Equal(records[0].Timestamp, batch.BaseTimestamp);
        Assert.Equal(records.Max(record => record.Timestamp), batch.MaxTimestamp);
        var index = 0;
        foreach (var record in batch.GetRecords())
        {
            Assert.Equal(index, record.Offset);
            Assert.Equal(index, record.OffsetDelta);
            records[index++].AssertEqual(record, batch.RecordsPayload);
        }

        Assert.Equal(records.Count, index);
    }
}
