using System.Text;
using Caudal.Compression;
using Caudal.Protocol.Records;

namespace Caudal.Client.Tests.Consuming;

/// <summary>Record batches for fake brokers to serve.</summary>
internal static class Batches
{
    public static byte[] Of(long baseOffset, params string?[] values) => Of(baseOffset, CompressionType.None, values);

    public static byte[] Of(long baseOffset, CompressionType codec, params string?[] values)
    {
        using var writer = new RecordBatchWriter();
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i] is { } text ? Encoding.UTF8.GetBytes(text) : null;
            writer.TryAppend(1_000 + baseOffset + i, Encoding.UTF8.GetBytes($"k{baseOffset + i}"), false, value, value is null, [],
                int.MaxValue);
        }

        return Finish(writer, baseOffset, codec);
    }

    public static byte[] Finish(RecordBatchWriter writer, long baseOffset, CompressionType codec = CompressionType.None)
    {
        byte[] bytes;
        if (codec == CompressionType.None)
        {
            bytes = writer.Finish(RecordBatchProducer.None).ToArray();
        }
        else
        {
            using var packed = new PooledBuffer();
            Codec.Compress(codec, writer.Records.Span, packed);
            bytes = new byte[RecordBatchHeader.Size + packed.WrittenCount];
            packed.WrittenSpan.CopyTo(bytes.AsSpan(RecordBatchHeader.Size));
            writer.WriteHeader(bytes, (int)codec, RecordBatchProducer.None);
        }

        RecordBatchPatch.SetBaseOffset(bytes, baseOffset);
        return bytes;
    }

    public static byte[] Marker(long offset, long producerId = 7, bool commit = true)
    {
        var bytes = new byte[ControlRecord.BatchSize];
        new ControlRecord(commit ? ControlRecordType.Commit : ControlRecordType.Abort, 0, 0)
            .WriteBatch(bytes, offset, 0, 1_000, producerId, 0);
        return bytes;
    }

    /// <summary>A batch of a transaction.</summary>
    public static byte[] Transactional(long baseOffset, long producerId, params string[] values)
    {
        using var writer = new RecordBatchWriter();
        foreach (var value in values)
            writer.TryAppend(1_000, [], true, Encoding.UTF8.GetBytes(value), false, [], int.MaxValue);
        var bytes = writer.Finish(new RecordBatchProducer(producerId, 0, 0, IsTransactional: true)).ToArray();
        RecordBatchPatch.SetBaseOffset(bytes, baseOffset);
        return bytes;
    }
}
