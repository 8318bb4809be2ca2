using System.Buffers.Binary;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Storage;

/// <summary>
/// The checks on the records of an appended batch. Compressed batches are opened only where their header cannot tell: for compacted topics,
/// which must refuse null keys, and for topics that refuse old records. The words are Kafka's: producers show them.
/// </summary>
internal static class RecordWalk
{
    /// <summary>The most that a batch may decompress to: 64 times the largest batch that Kafka's defaults allow.</summary>
    internal const int MaxDecompressedBytes = 64 << 20;

    // As many faults as a message tells.
    private const int MaxTold = 3;

    internal static (ErrorCode Error, string? Message) Validate(
        Span<byte> bytes,
        RecordBatchView batch,
        LogConfig config,
        PartitionLog log,
        long nowMs,
        out IReadOnlyList<RecordFault>? faults)
    {
        faults = null;
        // The coordinator's markers carry keys and times of their own.
        var checksTime = config.TimestampType == TimestampType.CreateTime && !batch.IsControl;
        var needsKeys = config.CleanupCompact && !batch.IsControl;
        try
        {
            if (batch.Codec == 0)
                return Walk(bytes, batch, batch.RecordsPayload, config, needsKeys, checksTime, log, nowMs, out faults);
            var checksEach = checksTime
                && (config.TimestampBeforeMaxMs != long.MaxValue || !IsInRange(batch.MaxTimestamp, config, nowMs));
            if (!needsKeys && !checksEach)
                return (ErrorCode.None, null);
            using var buffer = new PooledBuffer();
            Codec.Decompress((CompressionType)batch.Codec, batch.RecordsPayload, buffer, MaxDecompressedBytes);
            return Walk(bytes, batch, buffer.WrittenSpan, config, needsKeys, checksTime, log, nowMs, out faults);
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
        Span<byte> bytes,
        RecordBatchView batch,
        ReadOnlySpan<byte> payload,
        LogConfig config,
        bool needsKeys,
        bool checksTime,
        PartitionLog log,
        long nowMs,
        out IReadOnlyList<RecordFault>? faults)
    {
        var index = 0;
        var largest = -1L;
        var isOnlyTime = true;
        List<RecordFault>? found = null;
        faults = null;
        foreach (var record in batch.GetRecords(payload))
        {
            if (record.OffsetDelta != index)
            {
                return (ErrorCode.InvalidRecord,
                    $"Record {index} of the batch has the offset delta {record.OffsetDelta}: deltas must count from 0.");
            }

            if (needsKeys && record.IsKeyNull)
            {
                isOnlyTime = false;
                (found ??= []).Add(new RecordFault(index,
                    $"Compacted topic cannot accept message without key in topic partition {log.Topic}-{log.Partition}"));
            }
            else if (checksTime && !IsInRange(record.Timestamp, config, nowMs))
            {
                (found ??= []).Add(new RecordFault(index,
                    $"Timestamp {record.Timestamp} of message with offset {index} is out of range. The timestamp should be within "
                    + $"[{nowMs - config.TimestampBeforeMaxMs}, {nowMs + config.TimestampAfterMaxMs}]"));
            }

            if (record.Timestamp > largest)
                largest = record.Timestamp;
            index++;
        }

        if (found is not null)
        {
            faults = found;
            return isOnlyTime
                ? (ErrorCode.InvalidTimestamp, $"One or more records have been rejected due to invalid timestamp: {Tell(found)}")
                : (ErrorCode.InvalidRecord,
                    $"One or more records have been rejected due to {found.Count} record errors in total: {Tell(found)}");
        }

        // Some clients leave the header's largest timestamp unset: indexes and retention rest on it.
        if (checksTime && batch.TimestampType == TimestampType.CreateTime && largest != batch.MaxTimestamp)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes[RecordBatchHeader.MaxTimestampOffset..], largest);
            RecordBatchPatch.RecomputeCrc(bytes);
        }

        return (ErrorCode.None, null);
    }

    private static string Tell(List<RecordFault> faults) =>
        string.Join("; ", faults.Take(MaxTold).Select(static fault => fault.Message));

    // Without a timestamp (−1) there is nothing to compare.
    private static bool IsInRange(long timestamp, LogConfig config, long nowMs) => timestamp < 0
        || (timestamp - nowMs <= config.TimestampAfterMaxMs && nowMs - timestamp <= config.TimestampBeforeMaxMs);
}
