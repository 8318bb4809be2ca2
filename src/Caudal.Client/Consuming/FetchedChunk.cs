using Caudal.Protocol.Records;
using Caudal.Transport;

namespace Caudal.Client.Consuming;

/// <summary>The batches of one partition in one fetch response. Holds a reference to the response's frame.</summary>
internal sealed class FetchedChunk(
    PartitionCursor cursor, PositionTrack track, ReceivedFrame frame, ReadOnlyMemory<byte> records, long highWatermark) : IDisposable
{
    private int _position;

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
            if (_position >= span.Length || !RecordBatchView.TryRead(span[_position..], out var batch))
            {
                IsFinished = true;
                return null;
            }

            var start = _position;
            _position += batch.SizeInBytes;
            if (batch.LastOffset < track.Position)
                continue;
            if (batch.IsControl || batch.RecordCount == 0)
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

    public void Dispose() => frame.Dispose();

    // Whoever asks for the next batch is done with what came before, so what is skipped counts as processed if that was.
    private void Skip(long next)
    {
        var wasSettled = track.Stored == track.Position;
        track.Position = next;
        if (wasSettled)
            track.Stored = next;
    }
}
