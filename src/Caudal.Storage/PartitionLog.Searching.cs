using Caudal.Compression;
using Caudal.Protocol.Records;
using Caudal.Storage.Segments;

namespace Caudal.Storage;

public sealed partial class PartitionLog
{
    /// <summary>Finds the first record with a timestamp or a later one, as ListOffsets answers.</summary>
    /// <param name="timestampMs">Milliseconds since 1970.</param>
    /// <returns>Null if there is no such record below the high watermark.</returns>
    /// <exception cref="Protocol.ProtocolException">A batch holds records that cannot be read.</exception>
    /// <exception cref="CompressionException">A batch cannot be decompressed.</exception>
    public OffsetAndTimestamp? FindOffsetByTimestamp(long timestampMs) => Search(segments => Find(segments, timestampMs));

    /// <summary>Finds the first of the records that have the largest timestamp of all (ListOffsets −3, KIP-734).</summary>
    /// <returns>Null if the log holds no record with a timestamp.</returns>
    /// <exception cref="Protocol.ProtocolException">A batch holds records that cannot be read.</exception>
    /// <exception cref="CompressionException">A batch cannot be decompressed.</exception>
    public OffsetAndTimestamp? FindMaxTimestamp() => Search(FindMax);

    // Compaction or retention may take files from under a search: then there is a new list of segments.
    private OffsetAndTimestamp? Search(Func<LogSegment[], OffsetAndTimestamp?> find)
    {
        while (true)
        {
            var segments = Segments;
            try
            {
                return find(segments);
            }
            catch (ObjectDisposedException) when (IsOpen && segments != Segments)
            {
            }
        }
    }

    private OffsetAndTimestamp? Find(LogSegment[] segments, long timestampMs)
    {
        var bound = HighWatermark;
        foreach (var segment in segments)
        {
            if (segment.MaxTimestamp < timestampMs || segment.NextOffset <= LogStartOffset)
                continue;
            var from = Math.Max(segment.BaseOffset + segment.Times.RelativeOffsetBefore(timestampMs), LogStartOffset);
            if (FindInSegment(segment, from, timestampMs, bound) is { } found)
                return found;
        }

        return null;
    }

    private OffsetAndTimestamp? FindMax(LogSegment[] segments)
    {
        LogSegment? latest = null;
        foreach (var segment in segments)
        {
            if (segment.MaxTimestamp >= 0 && (latest is null || segment.MaxTimestamp > latest.MaxTimestamp))
                latest = segment;
        }

        // The index names the batch's last offset: the record is in that batch.
        return latest is null
            ? null
            : FindInSegment(latest, Math.Max(latest.OffsetOfMaxTimestamp, LogStartOffset), latest.MaxTimestamp, HighWatermark);
    }

    /// <summary>Where the segments begin, the eldest first, each with the timestamp of its youngest record.</summary>
    /// <returns>At least one; the first begins at the log's start.</returns>
    public IReadOnlyList<OffsetAndTimestamp> SegmentStarts()
    {
        var start = LogStartOffset;
        return Array.ConvertAll(Segments, segment => new OffsetAndTimestamp(
            Math.Max(segment.BaseOffset, start), segment.AgeTimestamp, EpochAt(Math.Max(segment.BaseOffset, start))));
    }

    private OffsetAndTimestamp? FindInSegment(LogSegment segment, long from, long timestampMs, long bound)
    {
        while (from < Math.Min(bound, segment.NextOffset))
        {
            var bytes = SegmentReader.Read(segment, from, 64 << 10, atLeastOneBatch: true, bound, out _, out var owner);
            using (owner)
            {
                if (bytes.IsEmpty)
                    return null;
                foreach (var batch in new RecordBatchEnumerator(bytes.Span))
                {
                    if (batch.MaxTimestamp >= timestampMs && FindInBatch(batch, timestampMs) is { } found)
                        return found;
                    from = batch.LastOffset + 1;
                }
            }
        }

        return null;
    }

    private OffsetAndTimestamp? FindInBatch(RecordBatchView batch, long timestampMs)
    {
        if (batch.Codec == 0)
            return FindInRecords(batch, batch.RecordsPayload, timestampMs);
        using var buffer = new PooledBuffer();
        Codec.Decompress((CompressionType)batch.Codec, batch.RecordsPayload, buffer, RecordWalk.MaxDecompressedBytes);
        return FindInRecords(batch, buffer.WrittenSpan, timestampMs);
    }

    private OffsetAndTimestamp? FindInRecords(RecordBatchView batch, ReadOnlySpan<byte> payload, long timestampMs)
    {
        foreach (var record in batch.GetRecords(payload))
        {
            if (record.Timestamp >= timestampMs && record.Offset >= LogStartOffset)
                return new OffsetAndTimestamp(record.Offset, record.Timestamp, batch.PartitionLeaderEpoch);
        }

        return null;
    }
}
