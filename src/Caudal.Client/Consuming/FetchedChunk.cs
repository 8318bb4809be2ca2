using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Transport;

namespace Caudal.Client.Consuming;

/// <summary>The batches of one partition in one fetch response. Holds a reference to the response's frame.</summary>
/// <param name="cursor">The partition.</param>
/// <param name="track">The track under which the batches were asked for.</param>
/// <param name="frame">The response's frame.</param>
/// <param name="records">The batches.</param>
/// <param name="highWatermark">The end of the partition, as far as the consumer may read.</param>
/// <param name="aborted">What is not to be handed out, if only committed records are; null for nothing.</param>
internal sealed class FetchedChunk(
    PartitionCursor cursor, PositionTrack track, ReceivedFrame frame, ReadOnlyMemory<byte> records, long highWatermark,
    AbortedRanges? aborted) : IDisposable
{
    private int _position;
    private MessageSetDecoder? _messages;

    public PartitionCursor Cursor => cursor;

    public PositionTrack Track => track;

    /// <summary>The fetch loop whose room the chunk takes up.</summary>
    public BrokerFetcher? Source { get; init; }

    public int Size => records.Length;

    /// <summary>Whether <see cref="ReadNext"/> has come to the end.</summary>
    public bool IsFinished { get; private set; }

    public bool IsStale => cursor.Track != track;

    /// <summary>Opens the next batch that has something to hand out.</summary>
    /// <returns>The batch, or null at the end of the chunk.</returns>
    /// <exception cref="RecordBatchException">The batch is damaged; the position stays before it.</exception>
    public RecordBatchLease? ReadNext(BatchDecoder decoder)
    {
        while (true)
        {
            var span = records.Span;
            if (_messages is not null && _messages.TryTake(out var old))
                return old;
            if (_position < span.Length && MessageSetDecoder.IsMessage(span[_position..]))
            {
                if (ReadMessages(span[_position..], decoder))
                    continue;
                IsFinished = true;
                return null;
            }

            if (_position >= span.Length || !RecordBatchView.TryRead(span[_position..], out var batch))
            {
                IsFinished = true;
                return null;
            }

            var start = _position;
            _position += batch.SizeInBytes;
            // Every batch counts here, those before the position too: a transaction may begin or end with them.
            var isAborted = aborted is not null && Covers(aborted, batch, decoder);
            if (batch.LastOffset < track.Position)
                continue;
            if (batch.IsControl || batch.RecordCount == 0 || isAborted)
            {
                Skip(batch.LastOffset + 1);
                continue;
            }

            var lease = decoder.Open(this, frame, records.Slice(start, batch.SizeInBytes), batch, highWatermark);
            if (lease.RecordCount > 0)
                return lease;
            lease.Dispose();
            Skip(batch.LastOffset + 1);
        }
    }

    /// <summary>Goes on behind a batch that <see cref="ReadNext"/> refused.</summary>
    public void SkipDamaged(RecordBatchException damage) => Skip(damage.NextOffset);

    public void Dispose()
    {
        while (_messages is not null && _messages.TryTake(out var lease))
            lease!.Dispose();
        frame.Dispose();
    }

    // False at the end of the chunk, which may lie inside a message.
    private bool ReadMessages(ReadOnlySpan<byte> span, BatchDecoder decoder)
    {
        _messages ??= decoder.ForMessages(this, highWatermark);
        var consumed = 0;
        try
        {
            _messages.Decode(span, out consumed);
            return consumed > 0;
        }
        finally
        {
            _position += consumed;
        }
    }

    private bool Covers(AbortedRanges ranges, RecordBatchView batch, BatchDecoder decoder)
    {
        // Others are checked when they are opened; a marker decides about those before it.
        if (batch.IsControl)
            decoder.CheckCrc(this, batch);
        try
        {
            return ranges.Covers(batch);
        }
        catch (ProtocolException e)
        {
            throw new RecordBatchException(cursor.Partition, batch.BaseOffset, batch.LastOffset + 1, e.Message, e);
        }
    }

    // Whoever asks for the next batch is done with what came before, so what is skipped counts as processed if that was.
    private void Skip(long next)
    {
        var wasSettled = track.Stored == track.Position;
        track.Position = next;
        if (wasSettled)
            track.Stored = next;
    }
}
