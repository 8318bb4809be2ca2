using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;

namespace Caudal.Client.Consuming;

/// <summary>
/// Hands out messages of magic 0 and 1, which logs from before Kafka 0.11 hold, as leases like those of batches: their records are written
/// anew in the format of today. Old logs are rare, so this need not be fast.
/// </summary>
internal sealed class MessageSetDecoder(FetchedChunk chunk, long highWatermark, bool checkCrcs, int maxDecompressedBytes)
{
    // Enough for a lease to be worth its while, little enough to hold.
    private const int LeaseBytes = 256 * 1024;

    private readonly Queue<RecordBatchLease> _ready = [];

    /// <summary>Whether what lies in a buffer is a message, not a batch of magic 2, as far as there is enough of it to tell.</summary>
    public static bool IsMessage(ReadOnlySpan<byte> records) =>
        records.Length > RecordBatchHeader.MagicOffset && records[RecordBatchHeader.MagicOffset] < RecordBatchHeader.Magic;

    /// <summary>Takes the next lease that was decoded and not handed out yet.</summary>
    public bool TryTake(out RecordBatchLease? lease) => _ready.TryDequeue(out lease);

    /// <summary>Decodes the message at the start of a buffer: a compressed one by itself, others with those that follow.</summary>
    /// <param name="records">The buffer; it starts with a message.</param>
    /// <param name="consumed">How many bytes are done with, also if there is an exception; 0 if the buffer holds no whole message.</param>
    /// <exception cref="RecordBatchException">A message is damaged.</exception>
    public void Decode(ReadOnlySpan<byte> records, out int consumed)
    {
        consumed = 0;
        var messages = new MessageSetEnumerator(records);
        using var run = new Run(this);
        while (messages.MoveNext())
        {
            var message = messages.Current;
            var isDone = message.Offset < chunk.Track.Position;
            var isDamaged = !isDone && checkCrcs && !message.HasValidCrc;
            // What was read before a damaged message is handed out before the damage is told.
            if ((message.Codec != 0 || isDamaged) && consumed > 0)
                break;
            consumed = messages.Consumed;
            if (isDone)
                continue;
            // The checksum of a wrapper covers what it wraps.
            if (isDamaged)
                throw Damaged(message, "the checksum of the message is wrong. Bytes were changed on the disk or on the way.", null);
            if (message.Codec != 0)
            {
                Unpack(message, run);
                break;
            }

            run.Append(message);
            if (run.IsFull)
                break;
        }

        run.Finish();
    }

    private void Unpack(MessageView wrapper, Run run)
    {
        using var unpacked = new PooledBuffer();
        try
        {
            Codec.Decompress((CompressionType)wrapper.Codec, wrapper.Value, unpacked, maxDecompressedBytes);
            // All of them or none: first whether they can be read.
            foreach (var message in wrapper.GetMessages(unpacked.WrittenSpan))
                _ = message.Offset;
            foreach (var message in wrapper.GetMessages(unpacked.WrittenSpan))
            {
                if (message.Offset >= chunk.Track.Position)
                    run.Append(message);
            }
        }
        catch (Exception e) when (e is CompressionException or ProtocolException or ArgumentOutOfRangeException)
        {
            throw Damaged(wrapper, e.Message, e);
        }
    }

    private void Add(ReadOnlyMemory<byte> batch, RecordBatchWriter owner) => _ready.Enqueue(new RecordBatchLease(
        chunk.Cursor, chunk.Track, RecordBatchView.Read(batch.Span), batch[RecordBatchHeader.Size..], owner, highWatermark));

    private RecordBatchException Damaged(MessageView message, string problem, Exception? cause) =>
        new(chunk.Cursor.Partition, message.Offset, message.Offset + 1, problem, cause);

    /// <summary>Messages whose offsets follow each other and that agree about their time: one lease.</summary>
    private sealed class Run(MessageSetDecoder owner) : IDisposable
    {
        private RecordBatchWriter? _writer;
        private long _baseOffset;
        private long _appendTime;
        private TimestampType _type;

        public bool IsFull => _writer is { SizeInBytes: >= LeaseBytes };

        public void Append(MessageView message)
        {
            if (_writer is { } open && !Continues(message, open))
                Finish();
            if (_writer is null)
            {
                _writer = new RecordBatchWriter(Math.Max(message.SizeInBytes * 2, 1024));
                (_baseOffset, _type, _appendTime) = (message.Offset, message.TimestampType, message.Timestamp);
            }

            _writer.TryAppend(message.Timestamp, message.Key, message.IsKeyNull, message.Value, message.IsValueNull, [], int.MaxValue);
        }

        public void Finish()
        {
            if (_writer is not { } writer)
                return;
            var batch = writer.Finish(RecordBatchProducer.None);
            RecordBatchPatch.SetBaseOffset(batch.Span, _baseOffset);
            if (_type == TimestampType.LogAppendTime)
                RecordBatchPatch.SetLogAppendTime(batch.Span, _appendTime);
            owner.Add(batch, writer);
            _writer = null;
        }

        public void Dispose() => _writer?.Dispose();

        private bool Continues(MessageView message, RecordBatchWriter open) =>
            message.Offset == _baseOffset + open.Count
            && message.TimestampType == _type
            && (_type == TimestampType.CreateTime || message.Timestamp == _appendTime);
    }
}
