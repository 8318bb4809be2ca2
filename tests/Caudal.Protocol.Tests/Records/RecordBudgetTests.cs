using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

public sealed class RecordBudgetTests
{
    [Fact]
    public void Walking_10000_records_allocates_nothing()
    {
        using var writer = new RecordBatchWriter();
        RecordHeader[] headers = [new("type", new byte[3])];
        for (var number = 0; number < 10_000; number++)
            Assert.True(writer.TryAppend(number, [1, 2, 3, 4], false, new byte[100], false, headers, int.MaxValue));
        var bytes = writer.Finish(RecordBatchProducer.None).ToArray();
        var expected = Walk(bytes);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = Walk(bytes);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(expected, sum);
        Assert.Equal(10_000 * 111L, sum);
    }

    [Fact]
    public void Appending_allocates_nothing_once_the_buffer_has_grown()
    {
        using var writer = new RecordBatchWriter();
        RecordHeader[] headers = [new("größe", new byte[3])];
        Append(writer, headers);
        writer.Reset();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Append(writer, headers);
        writer.Finish(RecordBatchProducer.None);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(10_000, writer.Count);
    }

    [Fact]
    public void Patching_and_markers_allocate_nothing()
    {
        var bytes = new byte[ControlRecord.BatchSize];
        Patch(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Patch(bytes);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(RecordBatchView.Read(bytes).HasValidCrc);
    }

    private static void Patch(Span<byte> bytes)
    {
        new ControlRecord(ControlRecordType.Commit, 0, 1).WriteBatch(bytes, 0, 0, 0, 1, 0);
        RecordBatchPatch.SetProducer(bytes, 1, 2, 3);
        RecordBatchPatch.SetLogAppendTime(bytes, 4);
    }

    private static void Append(RecordBatchWriter writer, RecordHeader[] headers)
    {
        Span<byte> value = stackalloc byte[200];
        for (var number = 0; number < 5_000; number++)
        {
            if (!writer.TryAppend(number, [1, 2, 3, 4], false, value[..(number % 200)], false, headers, int.MaxValue))
                return;
            writer.BeginRecord(number);
            writer.WriteKey([1, 2, 3]);
            var output = writer.BeginValue();
            value[..(number % 200)].CopyTo(output.GetSpan(200));
            output.Advance(number % 200);
            if (!writer.TryEndRecord(headers, int.MaxValue))
                return;
        }
    }

    private static long Walk(byte[] bytes)
    {
        var sum = 0L;
        foreach (var batch in new RecordBatchEnumerator(bytes))
        {
            foreach (var record in batch.GetRecords())
            {
                sum += record.Key.Length + record.Value.Length;
                foreach (var header in record.Headers)
                    sum += header.Key.Length + header.Value.Length;
            }
        }

        return sum;
    }
}
