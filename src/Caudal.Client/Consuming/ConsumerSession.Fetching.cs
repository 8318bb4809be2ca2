using Caudal.Client.Connections;
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
    public FetchPlan? PlanFor(BrokerFetcher fetcher)
    {
        lock (_lock)
        {
            Finish_UnderLock(fetcher);
            // Every broker has an equal share of the room, so that one that answers fast starves nobody. The second link takes no more than
            // a quarter at a time: what the first has under way is not known yet.
            var share = Math.Max(_options.MaxBufferedBytes / Math.Max(_fetchers.Count / FetchLinks.Lanes, 1), 1);
            var buffered = 0L;
            for (var lane = 0; lane < FetchLinks.Lanes; lane++)
                buffered += _fetchers.TryGetValue((fetcher.NodeId, lane), out var other) ? other.BufferedBytes : 0;
            var room = share - buffered;
            if (fetcher.Lane > 0)
                room = Math.Min(room, Math.Max(share / 4, 1));
            if (buffered == 0 || room >= Math.Min(_options.MaxPartitionFetchBytes, share / (fetcher.Lane > 0 ? 4 : 2)))
            {
                var plan = new FetchPlan((int)Math.Min(_options.FetchMaxBytes, Math.Max(room, 1)));
                var turn = fetcher.Turn++;
                for (var i = 0; i < _order.Length; i++)
                {
                    var cursor = _order[(int)((uint)(i + turn) % (uint)_order.Length)];
                    if (cursor.Leader == fetcher.NodeId && IsFetchable_UnderLock(cursor))
                    {
                        plan.Add(cursor);
                        cursor.InFlight = cursor.Track;
                    }
                }

                if (plan.Entries.Count > 0)
                {
                    fetcher.State = FetcherState.Busy;
                    fetcher.Plan = plan;
                    return plan;
                }
            }

            fetcher.State = FetcherState.Idle;
            return null;
        }
    }

    /// <summary>The loop waits for its turn at its link: the other link serves meanwhile.</summary>
    public void NoteBusy(BrokerFetcher fetcher)
    {
        lock (_lock)
        {
            fetcher.State = FetcherState.Busy;
            WakeNode_UnderLock(fetcher.NodeId);
        }
    }

    /// <summary>Takes one partition of a response.</summary>
    public void Accept(
        BrokerFetcher fetcher, FetchPlan.Entry entry, FetchResponse.PartitionData data, ReceivedFrame frame,
        FetchResponse.NodeEndpoint[] endpoints)
    {
        var cursor = entry.Cursor;
        var error = (ErrorCode)data.ErrorCode;
        lock (_lock)
        {
            if (_ended.IsCancellationRequested || cursor.Track != entry.Track || cursor.State != CursorState.Ready)
                return;
            if (error != ErrorCode.None)
            {
                Reject_UnderLock(cursor, error, data, endpoints);
                return;
            }

            Learn_UnderLock(cursor, data);
            if (data.Records is not { Length: > 0 } records)
            {
                // Whoever waits for the end of the partition may have come to it.
                if (_options.PartitionEndReached is not null || WatchesEnds)
                    _wakeUser();
                return;
            }

            try
            {
                var next = FindEnd(records.Span, entry.Offset, out var epoch);
                if (next < 0)
                    throw new ProtocolException($"the broker sent {records.Length} bytes that hold no whole batch.");
                (entry.Track.FetchOffset, entry.Track.FetchEpoch) = (next, epoch);
            }
            catch (ProtocolException e)
            {
                Fault_UnderLock(cursor, new RecordBatchException(cursor.Partition, entry.Offset, entry.Offset + 1, e.Message, e));
                return;
            }

            frame.AddReference();
            var aborted = _options.IsolationLevel == IsolationLevel.ReadCommitted ? AbortedRanges.From(data) : null;
            _ready.Enqueue(new FetchedChunk(cursor, entry.Track, frame, records, cursor.ReadableEnd, aborted) { Source = fetcher });
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

    /// <summary>Whether the user wants to be woken by answers without records too.</summary>
    public bool WatchesEnds { get; set; }

    private void Learn_UnderLock(PartitionCursor cursor, FetchResponse.PartitionData data)
    {
        cursor.HighWatermark = data.HighWatermark;
        cursor.LogStart = data.LogStartOffset;
        cursor.ReadableEnd = _options.IsolationLevel == IsolationLevel.ReadCommitted && data.LastStableOffset >= 0
            ? data.LastStableOffset
            : data.HighWatermark;
    }

    private static void Finish_UnderLock(BrokerFetcher fetcher)
    {
        if (fetcher.Plan is not { } finished)
            return;
        fetcher.Plan = null;
        foreach (var entry in finished.Entries)
        {
            if (entry.Cursor.InFlight == entry.Track)
                entry.Cursor.InFlight = null;
        }
    }

    private bool IsFetchable_UnderLock(PartitionCursor cursor) =>
        cursor is { State: CursorState.Ready, Paused: false, Held: false }
        && cursor.InFlight != cursor.Track
        && cursor.BufferedBytes < 2L * _options.MaxPartitionFetchBytes;

    private void Release_UnderLock(FetchedChunk chunk)
    {
        chunk.Cursor.BufferedBytes -= chunk.Size;
        if (chunk.Source is not { } fetcher)
            return;
        fetcher.BufferedBytes -= chunk.Size;
        if (fetcher.State == FetcherState.Idle || IsFetchable_UnderLock(chunk.Cursor))
            WakeNode_UnderLock(fetcher.NodeId);
    }

    private void Reject_UnderLock(
        PartitionCursor cursor, ErrorCode error, FetchResponse.PartitionData data, FetchResponse.NodeEndpoint[] endpoints)
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
                FindLeaderAgain_UnderLock(cursor);
                if (data.CurrentLeader is { LeaderId: >= 0 } hint)
                    cursor.IsLeaderStale = !LearnLeader(cursor.Partition, hint, endpoints);
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

    // KIP-951: who is not the leader names who is. Believed if it is newer than what is known; asking for metadata is spared then.
    private bool LearnLeader(TopicPartition partition, FetchResponse.LeaderIdAndEpoch hint, FetchResponse.NodeEndpoint[] endpoints)
    {
        var endpoint = Array.Find(endpoints, e => e.NodeId == hint.LeaderId);
        var address = endpoint is null ? null : new BrokerAddress(endpoint.NodeId, endpoint.Host, endpoint.Port, endpoint.Rack);
        return _client.Metadata.LearnLeader(partition.Topic, partition.Partition, hint.LeaderId, hint.LeaderEpoch, address)
            && _client.Pool.TryGet(hint.LeaderId, out _);
    }

    // The end of the last whole batch; a response may end inside a batch. −1 if there is no whole one.
    private static long FindEnd(ReadOnlySpan<byte> records, long from, out int epoch)
    {
        var next = -1L;
        epoch = -1;
        if (MessageSetDecoder.IsMessage(records))
        {
            var messages = new MessageSetEnumerator(records);
            while (messages.MoveNext())
                next = Math.Max(from, messages.Current.Offset + 1);
            records = records[messages.Consumed..];
        }

        while (RecordBatchView.TryRead(records, out var batch))
        {
            next = Math.Max(from, batch.LastOffset + 1);
            epoch = batch.PartitionLeaderEpoch;
            records = records[batch.SizeInBytes..];
        }

        return next;
    }
}
