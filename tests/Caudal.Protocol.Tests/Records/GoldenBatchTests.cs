using System.IO.Compression;
using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

/// <summary>
/// Batches that Kafka's own classes wrote: see java/GoldenBatches.java for the program, which says the same records in Java.
/// </summary>
public sealed class GoldenBatchTests
{
    private const long Time = 1_700_000_000_000;

    private static readonly byte[] Golden = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", "golden-batches.bin"));

    [Fact]
    public void Everything_that_Kafka_wrote_is_read()
    {
        var batches = new RecordBatchEnumerator(Golden);
        AssertData(ref batches, new RecordBatchFields { BaseOffset = 0, RecordCount = 64 });
        AssertData(ref batches, Transactional);
        AssertData(ref batches, new RecordBatchFields
        {
            BaseOffset = 80,
            RecordCount = 8,
            Attributes = RecordBatchAttributes.LogAppendTime,
            ProducerId = 4711,
            ProducerEpoch = 3,
            BaseSequence = 8,
            PartitionLeaderEpoch = 5,
        });
        AssertMarker(ref batches, 88, new ControlRecord(ControlRecordType.Commit, 0, 17));
        AssertMarker(ref batches, 89, new ControlRecord(ControlRecordType.Abort, 0, 18));
        AssertData(
            ref batches,
            new RecordBatchFields
            {
                BaseOffset = 90,
                RecordCount = 4,
                Attributes = RecordBatchAttributes.DeleteHorizon,
                PartitionLeaderEpoch = 6,
            },
            step: 3);
        AssertEmpty(ref batches);
        AssertData(
            ref batches,
            new RecordBatchFields { BaseOffset = 120, RecordCount = 32, Attributes = (RecordBatchAttributes)1, PartitionLeaderEpoch = 7 });
        Assert.False(batches.MoveNext());
        Assert.Equal(Golden.Length, batches.Consumed);
    }

    [Fact]
    public void The_writer_writes_the_bytes_that_Kafka_writes()
    {
        var batches = new RecordBatchEnumerator(Golden);
        Assert.True(batches.MoveNext());
        Assert.Equal(batches.Current.Bytes.ToArray(), ModelRecord.ToBatch(RecordBatchProducer.None, Models(0, 64, 1)));

        Assert.True(batches.MoveNext());
        var transactional = ModelRecord.ToBatch(new RecordBatchProducer(4711, 3, 2147483640, true), Models(64, 16, 1));
        RecordBatchPatch.SetBaseOffset(transactional, 64);
        RecordBatchPatch.SetLeaderEpoch(transactional, 5);
        Assert.Equal(batches.Current.Bytes.ToArray(), transactional);
    }

    [Fact]
    public void Markers_are_the_bytes_that_Kafka_writes()
    {
        foreach (var batch in new RecordBatchEnumerator(Golden))
        {
            if (!batch.IsControl)
                continue;
            var bytes = new byte[ControlRecord.BatchSize];
            ControlRecord.Read(batch).WriteBatch(
                bytes, batch.BaseOffset, batch.PartitionLeaderEpoch, batch.BaseTimestamp, batch.ProducerId, batch.ProducerEpoch);
            Assert.Equal(batch.Bytes.ToArray(), bytes);
        }
    }

    private static RecordBatchFields Transactional => new()
    {
        BaseOffset = 64,
        RecordCount = 16,
        Attributes = RecordBatchAttributes.Transactional,
        ProducerId = 4711,
        ProducerEpoch = 3,
        BaseSequence = 2147483640,
        PartitionLeaderEpoch = 5,
    };

    private static void AssertData(ref RecordBatchEnumerator batches, RecordBatchFields expected, int step = 1)
    {
        Assert.True(batches.MoveNext());
        var batch = batches.Current;
        Assert.True(batch.HasValidCrc);
        Assert.Equal(expected.Attributes, batch.Attributes);
        Assert.Equal((expected.BaseOffset, expected.RecordCount), (batch.BaseOffset, batch.RecordCount));
        Assert.Equal((expected.ProducerId, expected.ProducerEpoch), (batch.ProducerId, batch.ProducerEpoch));
        Assert.Equal((expected.BaseSequence, expected.PartitionLeaderEpoch), (batch.BaseSequence, batch.PartitionLeaderEpoch));
        var models = Models((int)batch.BaseOffset, batch.RecordCount, step);
        Assert.Equal((models.Length - 1) * step, batch.LastOffsetDelta);
        var appendTime = batch.TimestampType == TimestampType.LogAppendTime;
        Assert.Equal(appendTime ? Time + 99 : models.Max(model => model.Timestamp), batch.MaxTimestamp);
        if (batch.HasDeleteHorizon)
            Assert.Equal(Time + 1000, batch.BaseTimestamp);
        var payload = batch.Codec == 0 ? batch.RecordsPayload : Gunzip(batch.RecordsPayload);
        var index = 0;
        foreach (var record in batch.GetRecords(payload))
        {
            Assert.Equal(batch.BaseOffset + (index * step), record.Offset);
            var model = models[index++];
            (appendTime ? model with { Timestamp = Time + 99 } : model).AssertEqual(record, payload);
        }

        Assert.Equal(models.Length, index);
    }

    private static void AssertMarker(ref RecordBatchEnumerator batches, long offset, ControlRecord expected)
    {
        Assert.True(batches.MoveNext());
        Assert.Equal(offset, batches.Current.BaseOffset);
        Assert.Equal(expected, ControlRecord.Read(batches.Current));
    }

    private static void AssertEmpty(ref RecordBatchEnumerator batches)
    {
        Assert.True(batches.MoveNext());
        var batch = batches.Current;
        Assert.True(batch is { HasValidCrc: true, RecordCount: 0, IsTransactional: true, ProducerId: 4712, ProducerEpoch: 1 });
        Assert.Equal((110, 119, 40, 49), (batch.BaseOffset, batch.LastOffset, batch.BaseSequence, batch.LastSequence));
        Assert.False(batch.GetRecords().MoveNext());
    }

    private static byte[] Gunzip(ReadOnlySpan<byte> bytes)
    {
        using var output = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
        gzip.CopyTo(output);
        return output.ToArray();
    }

    private static ModelRecord[] Models(int first, int count, int step) =>
        [.. Enumerable.Range(0, count).Select(index => Model(first + (index * step)))];

    private static ModelRecord Model(int number)
    {
        byte[]? key = number % 7 == 0 ? null : [.. Enumerable.Repeat((byte)'k', number % 5)];
        byte[]? value = number % 11 == 0
            ? null
            : [.. Enumerable.Range(number, number == 50 ? 20000 : number * number % 300).Select(sum => unchecked((byte)sum))];
        var headers = new RecordHeader[number % 4];
        for (var index = 0; index < headers.Length; index++)
            headers[index] = new RecordHeader($"größe-{index}", index == 1 ? null : new byte[index * 40]);
        return new ModelRecord(Time + (number * 37 % 101) - 50, key, value, headers);
    }
}
