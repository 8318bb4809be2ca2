using System.Text;
using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

/// <summary>What a record is, said as simply as can be: the model that encoded batches are compared with.</summary>
internal sealed record ModelRecord(long Timestamp, byte[]? Key, byte[]? Value, RecordHeader[] Headers)
{
    /// <summary>
    /// Makes records with everything that can vary: nulls, headers, lengths of one to three varint bytes, time that runs backwards.
    /// </summary>
    internal static ModelRecord[] Random(Random random, int count)
    {
        var timestamp = random.NextInt64(0, 2_000_000_000_000);
        var records = new ModelRecord[count];
        for (var index = 0; index < count; index++)
        {
            timestamp += random.Next(10) == 0 ? random.NextInt64(-5_000_000_000, 5_000_000_000) : random.Next(-100, 100);
            records[index] = new ModelRecord(timestamp, RandomBytes(random, 60), RandomBytes(random, 300), RandomHeaders(random));
        }

        return records;
    }

    /// <summary>Encodes records into one batch.</summary>
    internal static byte[] ToBatch(RecordBatchProducer producer, params ModelRecord[] records)
    {
        using var writer = new RecordBatchWriter(64);
        foreach (var record in records)
            Assert.True(record.AppendTo(writer));
        return writer.Finish(producer).ToArray();
    }

    /// <summary>Appends the record in one call.</summary>
    internal bool AppendTo(RecordBatchWriter writer, int maxBatchBytes = int.MaxValue) =>
        writer.TryAppend(Timestamp, Key, Key is null, Value, Value is null, Headers, maxBatchBytes);

    /// <summary>Asserts that a view shows exactly this record.</summary>
    internal void AssertEqual(RecordView view, ReadOnlySpan<byte> payload)
    {
        Assert.Equal(Timestamp, view.Timestamp);
        Assert.Equal(Key is null, view.IsKeyNull);
        Assert.Equal(Key ?? [], view.Key.ToArray());
        Assert.Equal(Key ?? [], payload.Slice(view.KeyStart, view.KeyLength).ToArray());
        Assert.Equal(Value is null, view.IsValueNull);
        Assert.Equal(Value ?? [], view.Value.ToArray());
        Assert.Equal(Value ?? [], payload.Slice(view.ValueStart, view.ValueLength).ToArray());
        Assert.Equal(Headers.Length, view.HeaderCount);
        var index = 0;
        foreach (var header in view.Headers)
        {
            Assert.Equal(Headers[index].Key, Encoding.UTF8.GetString(header.Key));
            Assert.Equal(Headers[index].Value is null, header.IsValueNull);
            Assert.Equal(Headers[index].Value?.ToArray() ?? [], header.Value.ToArray());
            index++;
        }

        Assert.Equal(Headers.Length, index);
    }

    private static RecordHeader[] RandomHeaders(Random random)
    {
        var headers = new RecordHeader[random.Next(3) == 0 ? random.Next(1, 6) : 0];
        for (var index = 0; index < headers.Length; index++)
        {
            headers[index] = new RecordHeader(random.Next(4) == 0 ? "ключ-鍵-🔑" : $"h{random.Next(100)}", RandomBytes(random, 100));
        }

        return headers;
    }

    private static byte[]? RandomBytes(Random random, int usual)
    {
        var length = random.Next(50) switch
        {
            0 => random.Next(20_000),
            < 8 => -1,
            < 12 => 0,
            _ => random.Next(usual),
        };
        if (length < 0)
            return null;
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
