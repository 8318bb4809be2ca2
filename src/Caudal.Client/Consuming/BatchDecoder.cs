using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Transport;

namespace Caudal.Client.Consuming;

/// <summary>
/// Checks and decompresses a batch when it is handed out: the work is done where the records are used, and only one batch is ever unpacked
/// at a time.
/// </summary>
internal sealed class BatchDecoder(bool checkCrcs, int maxDecompressedBytes)
{
    public RecordBatchLease Open(
        FetchedChunk chunk, ReceivedFrame frame, ReadOnlyMemory<byte> bytes, RecordBatchView batch, long highWatermark)
    {
        CheckCrc(chunk, batch);
        PooledBuffer? unpacked = null;
        try
        {
            var payload = bytes[RecordBatchHeader.Size..];
            if (batch.Codec != (int)CompressionType.None)
            {
                unpacked = new PooledBuffer();
                Codec.Decompress((CompressionType)batch.Codec, payload.Span, unpacked, maxDecompressedBytes);
                payload = unpacked.WrittenMemory;
            }
            else
            {
                frame.AddReference();
            }

            var lease = new RecordBatchLease(chunk.Cursor, chunk.Track, batch, payload, unpacked as IDisposable ?? frame, highWatermark);
            lease.SkipTo(chunk.Track.Position);
            return lease;
        }
        catch (Exception e) when (e is CompressionException or ProtocolException or ArgumentOutOfRangeException)
        {
            if (unpacked is null)
                frame.Dispose();
            else
                unpacked.Dispose();
            throw Damaged(chunk, batch, e.Message, e);
        }
    }

    /// <summary>Makes what decodes a chunk's messages of magic 0 and 1.</summary>
    public MessageSetDecoder ForMessages(FetchedChunk chunk, long highWatermark) =>
        new(chunk, highWatermark, checkCrcs, maxDecompressedBytes);

    /// <summary>Verifies the checksum, if the consumer wants that.</summary>
    /// <exception cref="RecordBatchException">It is wrong.</exception>
    public void CheckCrc(FetchedChunk chunk, RecordBatchView batch)
    {
        if (checkCrcs && !batch.HasValidCrc)
        {
            throw Damaged(chunk, batch, $"the checksum of the batch is {batch.ComputeCrc():x8}, it should be {batch.Crc:x8}. " +
                "Bytes were changed on the disk or on the way.", null);
        }
    }

    private static RecordBatchException Damaged(FetchedChunk chunk, RecordBatchView batch, string problem, Exception? cause) =>
        new(chunk.Cursor.Partition, batch.BaseOffset, batch.LastOffset + 1, problem, cause);
}
