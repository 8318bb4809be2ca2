using Caudal.Client.Consuming;
using Caudal.Protocol.Records;

namespace Caudal.Client;

/// <summary>A batch of records in borrowed memory: the fastest way to consume. Walking it allocates nothing.</summary>
/// <remarks>
/// <see cref="Dispose"/> gives the memory back; nothing that was read from it, no span and no memory, may be used afterwards. Several
/// leases may be held at a time. Not thread safe. Asking the consumer for the next batch says that this one is processed.
/// <code>
/// using var lease = await consumer.FetchAsync(TimeSpan.FromSeconds(1), token);
/// if (lease is not null)
///     foreach (var record in lease)
///         sum += record.Value.Length;
/// </code>
/// </remarks>
public sealed class RecordBatchLease : IDisposable
{
    private readonly bool _logAppendTime;
    private readonly ReadOnlyMemory<byte> _payload;
    private IDisposable? _owner;
    private int _firstPosition;

    internal RecordBatchLease(
        PartitionCursor cursor, PositionTrack track, RecordBatchView batch, ReadOnlyMemory<byte> payload, IDisposable owner,
        long highWatermark)
    {
        Cursor = cursor;
        Track = track;
        _payload = payload;
        _owner = owner;
        BaseOffset = StartOffset = batch.BaseOffset;
        NextOffset = batch.LastOffset + 1;
        RecordCount = batch.RecordCount;
        BaseTimestamp = batch.BaseTimestamp;
        MaxTimestamp = batch.MaxTimestamp;
        LeaderEpoch = batch.PartitionLeaderEpoch;
        HighWatermark = highWatermark;
        _logAppendTime = batch.TimestampType == TimestampType.LogAppendTime;
        // Refuses a count that the payload is too short for, before anybody relies on it.
        _ = GetEnumerator();
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition => Cursor.Partition;

    /// <summary>The topic.</summary>
    public string Topic => Cursor.Partition.Topic;

    /// <summary>The partition's number.</summary>
    public int Partition => Cursor.Partition.Partition;

    /// <summary>The batch's own first offset, which may lie before <see cref="StartOffset"/>.</summary>
    public long BaseOffset { get; }

    /// <summary>Where the records of this lease start: later than the batch does if consuming started in the middle of it.</summary>
    public long StartOffset { get; private set; }

    /// <summary>The offset behind the batch: what to store or commit once it is processed.</summary>
    public long NextOffset { get; }

    /// <summary>How many records there are from <see cref="StartOffset"/> on.</summary>
    public int RecordCount { get; private set; }

    /// <summary>The time that the batch's records are relative to, in milliseconds since 1970.</summary>
    public long BaseTimestamp { get; }

    /// <summary>The largest timestamp of the batch, in milliseconds since 1970.</summary>
    public long MaxTimestamp { get; }

    /// <summary>Who set the timestamps.</summary>
    public TimestampType TimestampType => _logAppendTime ? TimestampType.LogAppendTime : TimestampType.CreateTime;

    /// <summary>The epoch of the leader that took the batch; −1 if not known.</summary>
    public int LeaderEpoch { get; }

    /// <summary>
    /// The end of the partition when the batch was fetched; the first open transaction for <see cref="IsolationLevel.ReadCommitted"/>.
    /// </summary>
    public long HighWatermark { get; }

    /// <summary>The records as bytes, not compressed: what the positions of a <see cref="RecordView"/> count in.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public ReadOnlyMemory<byte> Payload
    {
        get
        {
            ObjectDisposedException.ThrowIf(_owner is null, this);
            return _payload[_firstPosition..];
        }
    }

    internal PartitionCursor Cursor { get; }

    internal PositionTrack Track { get; }

    /// <summary>Whether the position was moved since the batch was fetched: its records must not be handed out any more.</summary>
    internal bool IsStale => Cursor.Track != Track;

    /// <summary>Walks the records in place.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public RecordEnumerator GetEnumerator() => EnumerateFrom(0, 0);

    /// <summary>Gives the memory back. Further calls do nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Dispose();

    /// <summary>Leaves out the records before an offset.</summary>
    internal void SkipTo(long offset)
    {
        if (offset <= BaseOffset)
            return;
        StartOffset = offset;
        var position = 0;
        var index = 0;
        while (index < RecordCount)
        {
            var record = ReadAt(position, index);
            if (record.Offset >= offset)
                break;
            position += record.SizeInBytes;
            index++;
        }

        _firstPosition += position;
        RecordCount -= index;
    }

    /// <summary>Reads one record, for enumerators that cannot hold spans.</summary>
    /// <param name="position">Where the record starts in <see cref="Payload"/>.</param>
    /// <param name="index">The number of the record, below <see cref="RecordCount"/>.</param>
    internal RecordView ReadAt(int position, int index)
    {
        var records = EnumerateFrom(position, index);
        records.MoveNext();
        return records.Current;
    }

    private RecordEnumerator EnumerateFrom(int position, int index)
    {
        ObjectDisposedException.ThrowIf(_owner is null, this);
        return new RecordEnumerator(
            _payload.Span[(_firstPosition + position)..], BaseOffset, BaseTimestamp, RecordCount - index,
            _logAppendTime ? MaxTimestamp : null);
    }
}
