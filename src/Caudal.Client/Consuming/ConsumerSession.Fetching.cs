using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;
using Caudal.Transport;

namespace Caudal.Client.Consuming;

/// <content>What fetch loops ask for and bring home.</content>
internal sealed partial class ConsumerSession
{
    /// <summary>Chooses what a broker is asked for next.</summary>
    /// <returns>The plan, or null if there is nothing to fetch or no room: the loop waits for its signal then.</returns>
    public FetchPlan? Plan(BrokerFetcher fetcher)
    {
        lock (_lock)
        {
            // Every broker has an equal share of the room, so that one that answers fast starves nobody.
            var share = Math.Max(_options.MaxBufferedBytes / Math.Max(_fetchers.Count, 1), 1);
            var room = share - fetcher.BufferedBytes;
            if (fetcher.BufferedBytes == 0 || room >= Math.Min(_options.MaxPartitionFetchBytes, share / 2))
            {
                var plan = new FetchPlan((int)Math.Min(_options.FetchMaxBytes, Math.Max(room, 1)));
                var turn = fetcher.Turn++;
                for (var i = 0; i < _order.Length; i++)
                {
                    var cursor = _order[(int)((uint)(i + turn) % (uint)_order.Length)];
                    if (cursor.Leader == fetcher.NodeId && IsFetchable_UnderLock(cursor))
                        plan.Add(cursor);
                }

                if (plan.Entries.Count > 0)
                    return plan;
            }

            fetcher.IsIdle = true;
            return null;
        }
    }

    /// <summary>Takes one partition of a response.</summary>
    public void Accept(BrokerFetcher fetcher, FetchPlan.Entry entry, FetchResponse.PartitionData data, ReceivedFrame frame)
    {
        var cursor = entry.Cursor;
        var error = (ErrorCode)data.ErrorCode;
        lock (_lock)
        {
            if (_ended.IsCancellationRequested || cursor.Track != entry.Track || cursor.State != CursorState.Ready)
                return;
            if (error != ErrorCode.None)
            {
                Reject_UnderLock(cursor, error, data);
                return;
            }

            cursor.HighWatermark = data.HighWatermark;
            if (data.Records is not { Length: > 0 } records)
                return;
            try
            {
                var next = FindEnd(records.Span, entry.Offset);
                if (next < 0)
                    throw new ProtocolException($"the broker sent {records.Length} bytes that hold no whole batch.");
                entry.Track.FetchOffset = next;
            }
            catch (ProtocolException e)
            {
                Fault_UnderLock(cursor, new RecordBatchException(cursor.Partition, entry.Offset, entry.Offset + 1, e.Message, e));
                return;
            }

            frame.AddReference();
            _ready.Enqueue(new FetchedChunk(cursor, entry.Track, frame, records, data.HighWatermark) { Source = fetcher });
            cursor.BufferedBytes += records.Length;
            fetcher.BufferedBytes += records.Length;
        }

        _wakeUser();
    }

    /// <summary>A broker could not be asked: somebody else may lead its partitions by now.</summary>
    public void LeaderFailed(BrokerFetcher fetcher)
    {
        lock (_lock)
        {
            foreach (var cursor in _order)
            {
                if (cursor.Leader == fetcher.NodeId)
                    FindLeaderAgain_UnderLock(cursor);
            }
        }

        _routerWake.Set();
    }

    private bool IsFetchable_UnderLock(PartitionCursor cursor) =>
        cursor is { State: CursorState.Ready, Paused: false } && cursor.BufferedBytes < 2L * _options.MaxPartitionFetchBytes;

    private static void Release_UnderLock(FetchedChunk chunk)
    {
        chunk.Cursor.BufferedBytes -= chunk.Size;
        if (chunk.Source is not { } fetcher)
            return;
        fetcher.BufferedBytes -= chunk.Size;
        Wake_UnderLock(fetcher);
    }

    private void Reject_UnderLock(PartitionCursor cursor, ErrorCode error, FetchResponse.PartitionData data)
    {
        switch (error)
        {
            case ErrorCode.OffsetOutOfRange:
                Log.OutOfRange(_logger, cursor.Partition, cursor.Track.FetchOffset);
                ApplyPolicy_UnderLock(cursor);
                _routerWake.Set();
                break;
            case ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId or ErrorCode.InconsistentTopicId:
                FindLeaderAgain_UnderLock(cursor);
                _routerWake.Set();
                break;
            case var _ when error.IsRetriable() || error is ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch:
                if (data.CurrentLeader is { LeaderId: >= 0 } hint)
                    _client.Metadata.LearnLeader(cursor.Partition.Topic, cursor.Partition.Partition, hint.LeaderId, hint.LeaderEpoch, null);
                FindLeaderAgain_UnderLock(cursor);
                _routerWake.Set();
                break;
            default:
                Fault_UnderLock(cursor, new BrokerErrorException(
                    error, $"Fetching {cursor.Partition} failed", topic: cursor.Partition.Topic, partition: cursor.Partition.Partition));
                break;
        }
    }

    private static void FindLeaderAgain_UnderLock(PartitionCursor cursor)
    {
        cursor.Leader = -1;
        cursor.IsLeaderStale = true;
    }

    // The end of the last whole batch; a response may end inside a batch. −1 if there is no whole one.
    private static long FindEnd(ReadOnlySpan<byte> records, long from)
    {
        var next = -1L;
        while (RecordBatchView.TryRead(records, out var batch))
        {
            next = Math.Max(from, batch.LastOffset + 1);
            records = records[batch.SizeInBytes..];
        }

        return next;
    }
}
