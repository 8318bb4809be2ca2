using System.Text;
using Caudal.Compression;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Tests.Support;

/// <summary>Makes record batches, and tells what is in them.</summary>
internal static class Batches
{
    /// <summary>One batch of the given values, without keys.</summary>
    public static byte[] Of(params string[] values) => Make(values, -1, -1, -1);

    /// <summary>One batch of an idempotent producer.</summary>
    public static byte[] Idempotent(long producerId, short epoch, int sequence, params string[] values) =>
        Make(values, producerId, epoch, sequence);

    /// <summary>One batch of any producer.</summary>
    public static byte[] By(RecordBatchProducer producer, params string[] values)
    {
        using var writer = Write(values);
        return writer.Finish(producer).ToArray();
    }

    /// <summary>One batch that says it is compressed and is.</summary>
    public static byte[] Compressed(int codec, params string[] values)
    {
        using var writer = Write(values);
        using var packed = new PooledBuffer();
        Codec.Compress((CompressionType)codec, writer.Records.Span, packed);
        var batch = new byte[RecordBatchHeader.Size + packed.WrittenCount];
        packed.WrittenSpan.CopyTo(batch.AsSpan(RecordBatchHeader.Size));
        writer.WriteHeader(batch, codec, RecordBatchProducer.None);
        return batch;
    }

    /// <summary>One batch of so many bytes or a little more.</summary>
    public static byte[] OfSize(int bytes) => Of(new string('x', bytes));

    /// <summary>The values of all records in a fetch response's bytes, with their offsets.</summary>
    public static List<(long Offset, string Value)> Read(ReadOnlyMemory<byte>? records)
    {
        var result = new List<(long, string)>();
        foreach (var batch in new RecordBatchEnumerator((records ?? default).Span))
        {
            Assert.True(batch.HasValidCrc);
            using var unpacked = new PooledBuffer();
            Codec.Decompress((CompressionType)batch.Codec, batch.RecordsPayload, unpacked, 1 << 20);
            foreach (var record in batch.GetRecords(unpacked.WrittenSpan))
                result.Add((record.Offset, Encoding.UTF8.GetString(record.Value)));
        }

        return result;
    }

    private static byte[] Make(string[] values, long producerId, short epoch, int sequence)
    {
        using var writer = Write(values);
        return writer.Finish(new RecordBatchProducer(producerId, epoch, sequence)).ToArray();
    }

    private static RecordBatchWriter Write(string[] values)
    {
        var writer = new RecordBatchWriter();
        for (var i = 0; i < values.Length; i++)
            writer.TryAppend(1000 + i, default, true, Encoding.UTF8.GetBytes(values[i]), false, default, int.MaxValue);
        return writer;
    }
}
