using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Storage;

/// <summary>
/// The checks on appended batches that need no lock: what one look at the bytes and the settings can tell (Kafka's LogValidator).
/// </summary>
internal static class BatchValidator
{
    private const int HighestCodec = 4;

    internal static (ErrorCode Error, string? Message) Validate(
        Span<byte> batches,
        AppendOrigin origin,
        LogConfig config,
        PartitionLog log,
        long nowMs,
        out IReadOnlyList<RecordFault>? faults)
    {
        faults = null;
        if (batches.IsEmpty)
            return (ErrorCode.InvalidRecord, "The append holds no batch: exactly one is expected.");
        var position = 0;
        while (position < batches.Length)
        {
            var rest = batches[position..];
            if (rest.Length > RecordBatchHeader.MagicOffset && rest[RecordBatchHeader.MagicOffset] is 0 or 1)
            {
                return (ErrorCode.UnsupportedForMessageFormat,
                    "The batch has format version 0 or 1, which ended with Kafka 4.0: use a client that writes version 2.");
            }

            RecordBatchView batch;
            try
            {
                if (!RecordBatchView.TryRead(rest, out batch))
                    return (ErrorCode.CorruptMessage, $"The batch is cut off: {rest.Length} bytes are there, fewer than it announces.");
            }
            catch (ProtocolException e)
            {
                return (ErrorCode.CorruptMessage, e.Message);
            }

            if (origin == AppendOrigin.Client && batch.SizeInBytes < batches.Length)
                return (ErrorCode.InvalidRecord, "The append holds more than one batch: clients send exactly one per partition.");
            var fault = ValidateBatch(batch, origin, config);
            if (fault.Error == ErrorCode.None)
                fault = RecordWalk.Validate(rest[..batch.SizeInBytes], batch, config, log, nowMs, out faults);
            if (fault.Error != ErrorCode.None)
                return fault;
            position += batch.SizeInBytes;
        }

        return (ErrorCode.None, null);
    }

    private static (ErrorCode Error, string? Message) ValidateBatch(RecordBatchView batch, AppendOrigin origin, LogConfig config)
    {
        if (origin == AppendOrigin.Client && batch.SizeInBytes > config.MaxMessageBytes)
        {
            return (ErrorCode.MessageTooLarge,
                $"The batch has {batch.SizeInBytes} bytes, more than max.message.bytes={config.MaxMessageBytes} of the topic allows.");
        }

        if (batch.SizeInBytes > config.SegmentBytes)
        {
            return (ErrorCode.RecordListTooLarge,
                $"The batch has {batch.SizeInBytes} bytes, more than segment.bytes={config.SegmentBytes} allows.");
        }

        if (!batch.HasValidCrc)
        {
            return (ErrorCode.CorruptMessage,
                $"The batch's CRC is {batch.Crc:x8}, its bytes give {batch.ComputeCrc():x8}: it was damaged on the way.");
        }

        if (batch.RecordCount == 0 || batch.LastOffsetDelta == int.MaxValue || batch.RecordCount != batch.LastOffsetDelta + 1)
        {
            return (ErrorCode.InvalidRecord,
                $"The batch announces {batch.RecordCount} records and a last offset delta of {batch.LastOffsetDelta}, which do not agree.");
        }

        if (batch.Codec > HighestCodec)
            return (ErrorCode.UnsupportedCompressionType, $"The batch is compressed with codec {batch.Codec}, which does not exist.");
        if (origin != AppendOrigin.Client)
            return (ErrorCode.None, null);
        if (batch.ProducerId >= 0 && (batch.BaseSequence < 0 || batch.ProducerEpoch < 0))
        {
            return (ErrorCode.InvalidRecord,
                $"The batch of producer {batch.ProducerId} has epoch {batch.ProducerEpoch} and sequence number {batch.BaseSequence}: " +
                "neither may be negative.");
        }

        if (batch.IsControl)
            return (ErrorCode.InvalidRecord, "The batch is a control batch, which only the broker itself may write.");
        if (batch.BaseOffset != 0)
            return (ErrorCode.InvalidRecord, $"The batch's base offset is {batch.BaseOffset}: a producer must send 0.");
        return (ErrorCode.None, null);
    }
}
