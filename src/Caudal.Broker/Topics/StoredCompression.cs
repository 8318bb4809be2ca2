using System.Globalization;
using Caudal.Broker.Configuration;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Broker.Topics;

/// <summary>The codec that a topic wants its batches stored with (<c>compression.type</c> other than <c>producer</c>).</summary>
/// <param name="Type">The codec; None unpacks what comes compressed.</param>
/// <param name="Level">Its level; null for the codec's default.</param>
internal sealed record StoredCompression(CompressionType Type, int? Level)
{
    // How much larger than the topic's largest batch one may be when unpacked: Kafka knows no such limit, memory does.
    private const int MaxExpansion = 64;

    /// <summary>What a topic's settings say; null if producers choose.</summary>
    public static StoredCompression? Of(ConfigStore configs, IReadOnlyDictionary<string, string> overrides)
    {
        var name = Value("compression.type");
        if (name == "producer")
            return null;
        if (name == "uncompressed")
            return new StoredCompression(CompressionType.None, null);
        if (!CompressionTypes.TryParse(name, out var type))
            return null;
        if (type == CompressionType.Snappy)
            return new StoredCompression(type, null);
        var level = int.Parse(Value($"compression.{name}.level"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        // Only zstd has levels below 1; gzip's −1 and 0 mean the codec's default.
        return new StoredCompression(type, type == CompressionType.Zstd || level > 0 ? level : null);

        string Value(string setting) => TopicConfigs.TryGet(setting, out var definition)
            ? configs.Resolve(definition, overrides).Value
            : "";
    }

    /// <summary>
    /// Packs a batch anew; one that has the codec already, or is damaged, is returned as it is: the log says what is wrong with it.
    /// </summary>
    /// <param name="batch">Exactly one whole batch.</param>
    /// <param name="maxMessageBytes">The topic's largest batch.</param>
    public Memory<byte> Apply(Memory<byte> batch, int maxMessageBytes)
    {
        var view = RecordBatchView.Read(batch.Span);
        if (view.Codec == (int)Type || !view.HasValidCrc)
            return batch;
        try
        {
            using var unpacked = new PooledBuffer();
            var records = view.RecordsPayload;
            if (view.Codec != 0)
            {
                var limit = (int)Math.Min(Array.MaxLength, (long)Math.Max(maxMessageBytes, 1 << 20) * MaxExpansion);
                Codec.Decompress((CompressionType)view.Codec, records, unpacked, limit);
                records = unpacked.WrittenSpan;
            }

            using var packed = new PooledBuffer();
            if (Type != CompressionType.None)
            {
                Codec.Compress(Type, records, packed, Level);
                records = packed.WrittenSpan;
            }

            return Assemble(view, records);
        }
        catch (Exception e) when (e is CompressionException or ProtocolException)
        {
            return batch;
        }
    }

    private byte[] Assemble(RecordBatchView view, ReadOnlySpan<byte> records)
    {
        var result = new byte[RecordBatchHeader.Size + records.Length];
        records.CopyTo(result.AsSpan(RecordBatchHeader.Size));
        RecordBatchHeader.Write(result, new RecordBatchFields
        {
            BaseOffset = view.BaseOffset,
            PartitionLeaderEpoch = view.PartitionLeaderEpoch,
            Attributes = (view.Attributes & ~RecordBatchAttributes.CodecMask) | (RecordBatchAttributes)(int)Type,
            LastOffsetDelta = view.LastOffsetDelta,
            BaseTimestamp = view.BaseTimestamp,
            MaxTimestamp = view.MaxTimestamp,
            ProducerId = view.ProducerId,
            ProducerEpoch = view.ProducerEpoch,
            BaseSequence = view.BaseSequence,
            RecordCount = view.RecordCount,
        });
        return result;
    }
}
