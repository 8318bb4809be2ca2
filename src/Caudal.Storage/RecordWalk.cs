using System.Buffers.Binary;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Storage;

/// <summary>
/// The checks on the records of an appended batch. Compressed batches are opened only for compacted topics, which must refuse null keys.
/// </summary>
internal static class RecordWalk
{
    /// <summary>The most that a batch may decompress to: 64 times the largest batch that Kafka's defaults allow.</summary>
    internal const int MaxDecompressedBytes = 64 << 20;

    internal static (ErrorCode Error, string? Message) Validate(Span<byte> bytes, RecordBatchView batch, LogConfig config, long nowMs)
    {
        var checksTime = config.TimestampType == TimestampType.CreateTime && !batch.IsControl;
        // Aborted or committed by the coordinator: markers carry keys of their own.
        var needsKeys = config.CleanupCompact && !batch.IsControl;
        try
        {
            if (batch.Codec == 0)
                return Walk(bytes, batch, batch.RecordsPayload, config, needsKeys, checksTime, nowMs);
            if (checksTime && TimestampFault(batch.MaxTimestamp, config, nowMs) is { } fault)
                return (ErrorCode.InvalidTimestamp, fault);
            if (!needsKeys)
                return (ErrorCode.None, null);
            using var buffer = new PooledBuffer();
            Codec.Decompress((CompressionType)batch.Codec, batch.RecordsPayload, buffer, MaxDecompressedBytes);
            return Walk(bytes, batch, buffer.WrittenSpan, config, needsKeys, checksTime, nowMs);
        }
        catch (CompressionException e)
        {
            return (ErrorCode.CorruptMessage, e.Message);
        }
        catch (ProtocolException e)
        {
            return (ErrorCode.InvalidRecord, e.Message);
        }
    }

    private static (ErrorCode Error, string? Message) Walk(
        Span<byte> bytes, RecordBatchView batch, ReadOnlySpan<byte> payload, LogConfig config, bool needsKeys, bool checksTime, long nowMs)
    {
        var index = 0;
        var largest = -1L;
        foreach (var record in batch.GetRecords(payload))
        {
            if (record.OffsetDelta != index)
            {
                return (ErrorCode.InvalidRecord,
                    $"Record {index} of the batch has the offset delta {record.OffsetDelta}: deltas must count from 0.");
            }

            if (needsKeys && record.IsKeyNull)
                return (ErrorCode.InvalidRecord, $"Record {index} of the batch has no key, which a compacted topic needs.");
            if (record.Timestamp > largest)
                largest = record.Timestamp;
            if (checksTime && TimestampFault(record.Timestamp, config, nowMs) is { } fault)
                return (ErrorCode.InvalidTimestamp, fault);
            index++;
        }

        // Some clients leave the header's largest timestamp unset: indexes and retention rest on it.
        if (checksTime && batch.TimestampType == TimestampType.CreateTime && largest != batch.MaxTimestamp)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes[RecordBatchHeader.MaxTimestampOffset..], largest);
            RecordBatchPatch.RecomputeCrc(bytes);
        }

        return (ErrorCode.None, null);
    }

    private static string? TimestampFault(long timestamp, LogConfig config, long nowMs)
    {
        if (timestamp < 0)
            return null;
        if (timestamp - nowMs > config.TimestampAfterMaxMs)
        {
            return $"The timestamp {timestamp} lies {timestamp - nowMs} ms ahead of the broker's clock, " +
                $"message.timestamp.after.max.ms allows {config.TimestampAfterMaxMs}.";
        }

        return nowMs - timestamp > config.TimestampBeforeMaxMs
            ? $"The timestamp {timestamp} lies {nowMs - timestamp} ms behind the broker's clock, " +
                $"message.timestamp.before.max.ms allows {config.TimestampBeforeMaxMs}."
            : null;
    }
}
