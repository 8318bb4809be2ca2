using System.Buffers.Binary;

namespace Caudal.Protocol.Records;

/// <summary>The errors of record batches, in one place and off the hot paths.</summary>
internal static class RecordErrors
{
    internal static ProtocolException IncompleteBatch(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length < RecordBatchHeader.LogOverhead)
            return new ProtocolException($"Record batch: the buffer ends at byte {buffer.Length}, inside the batch's header.");
        var length = BinaryPrimitives.ReadInt32BigEndian(buffer[RecordBatchHeader.LengthOffset..]);
        return new ProtocolException(
            $"Record batch: it should end at byte {RecordBatchHeader.LogOverhead + (long)length}, the buffer ends at byte " +
            $"{buffer.Length}.");
    }

    internal static ProtocolException BatchLength(int length, int position) =>
        BatchField("length", length, position + RecordBatchHeader.LengthOffset);

    internal static ProtocolException BatchMagic(sbyte magic, int position) => new(
        $"Record batch, byte {position + RecordBatchHeader.MagicOffset}: the format's version (magic) is {magic}, only 2 is a batch; " +
        "0 and 1 are messages from before Kafka 0.11.");

    internal static ProtocolException BatchField(string field, int value, int position) =>
        new($"Record batch, byte {position}: the {field} {value} is not valid.");

    internal static ProtocolException Message(int position, string what) => new($"Message set, byte {position}: {what}.");

    internal static InvalidOperationException NotCompressed() => new("The message is not compressed: it wraps no others.");

    internal static InvalidOperationException Compressed(int codec) =>
        new($"The batch is compressed (codec {codec}): decompress its payload first and pass it on.");

    internal static ProtocolException Count(int count, int length) =>
        new($"Record batch: {count} records are announced, {length} bytes of payload are too few for them.");

    internal static ProtocolException Trailing(int count, int position, int length) =>
        new($"Record batch: {length - position} bytes follow the last of {count} records, at byte {position} of the payload.");

    internal static ProtocolException Record(int index, int position, string field, string what) =>
        new($"Record {index} of the batch, {field}, byte {position} of the payload: {what}.");
}
