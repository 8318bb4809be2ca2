namespace Caudal.Client.Consuming;

/// <content>The user's flow: asking for the next lease.</content>
internal sealed partial class ConsumerEngine
{
    // One at a time: the field is what makes a second flow an error rather than a mess.
    private int _asking;

    // What belongs to the flow that asks, and to nobody else.
    private FetchedChunk? _chunk;
    private RecordBatchLease? _leftover;
    private RecordBatchLease? _delivered;

    /// <summary>Hands out the next lease.</summary>
    /// <param name="advance">Whether the position moves behind the lease at once, rather than record by record.</param>
    /// <param name="maxWait">How long to wait for one.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <param name="isOver">Ends the wait, with null, when it comes true; looked at whenever something changes.</param>
    /// <returns>The lease, which the caller disposes or gives back; null if there was none in time.</returns>
    public ValueTask<RecordBatchLease?> NextAsync(
        bool advance, TimeSpan maxWait, CancellationToken cancellationToken, Func<bool>? isOver = null)
    {
        if (Interlocked.Exchange(ref _asking, 1) != 0)
            throw new InvalidOperationException(
                "Somebody asks this consumer for records already; a consumer serves one flow of calls at a time.");
        try
        {
            BeginAsk();
            cancellationToken.ThrowIfCancellationRequested();
            if (isOver is not null && isOver())
            {
                EndAsk();
                return ValueTask.FromResult<RecordBatchLease?>(null);
            }

            if (TryNext(advance) is { } lease)
                return ValueTask.FromResult<RecordBatchLease?>(lease);
        }
        catch
        {
            EndAsk();
            throw;
        }

        return WaitNextAsync(advance, maxWait, isOver, cancellationToken);
    }

    /// <summary>Says that a record was processed while more of its lease are left.</summary>
    public void Settle(RecordBatchLease lease)
    {
        _activity++;
        if (StoresAutomatically)
            lease.Track.Stored = lease.Track.Position;
    }

    /// <summary>
    /// Puts the rest of a lease aside because partitions are being given up; what was handed out is processed. If the lease's partition
    /// stays, the rest comes first when records are asked for again.
    /// </summary>
    public void CutShort(RecordBatchLease lease)
    {
        Settle(lease);
        _delivered = null;
        if (lease.IsStale || _closing || Volatile.Read(ref _asking) != 0)
        {
            lease.Dispose();
            return;
        }

        _leftover?.Dispose();
        _leftover = lease;
    }

    /// <summary>Says that the user is alive and processing.</summary>
    public void NoteActivity() => _activity++;

    /// <summary>
    /// Ends a walk that is not finished: what is left of the lease comes first when records are asked for again. What was handed out last
    /// is not stored.
    /// </summary>
    public void GiveBack(RecordBatchLease? lease)
    {
        if (lease is not null && ReferenceEquals(lease, _delivered))
        {
            _delivered = null;
            if (!lease.IsStale && lease.Track.Position < lease.NextOffset && Volatile.Read(ref _asking) == 0 && !_closing)
            {
                _leftover?.Dispose();
                _leftover = lease;
                lease = null;
            }
        }

        lease?.Dispose();
        lock (_lock)
        {
            if (_flow == Flow.Processing)
                SetFlow_UnderLock(Flow.Idle);
        }
    }

    /// <summary>
    /// Counts as processing although nothing was handed out: partitions are given up when it is released, or more is asked for.
    /// </summary>
    public void Hold()
    {
        lock (_lock)
        {
            if (_flow == Flow.Idle)
                SetFlow_UnderLock(Flow.Processing);
        }
    }

    /// <summary>Ends a <see cref="Hold"/>.</summary>
    public void ReleaseHold() => GiveBack(null);

    /// <summary>Goes back to an offset of a partition, unless the partition was given up since the offset was handed out.</summary>
    public void Rewind(PartitionCursor cursor, long offset)
    {
        lock (_lock)
        {
            if (_session is { } session && session.TryGet(cursor.Partition, out var current) && current == cursor)
                session.Seek_UnderLock(cursor, offset);
        }

        _userWake.Set();
    }

    private async ValueTask<RecordBatchLease?> WaitNextAsync(
        bool advance, TimeSpan maxWait, Func<bool>? isOver, CancellationToken cancellationToken)
    {
        try
        {
            var clock = _client.Options.TimeProvider;
            var start = clock.GetTimestamp();
            while (true)
            {
                var wait = maxWait == Timeout.InfiniteTimeSpan ? maxWait : maxWait - clock.GetElapsedTime(start);
                var inTime = maxWait == Timeout.InfiniteTimeSpan || wait > TimeSpan.Zero;
                if (inTime)
                    await _userWake.WaitAsync(wait, clock, cancellationToken).ConfigureAwait(false);
                var over = isOver is not null && isOver();
                if (!over && TryNext(advance) is { } lease)
                    return lease;
                if (inTime && !over)
                    continue;
                EndAsk();
                return null;
            }
        }
        catch
        {
            EndAsk();
            throw;
        }
    }

    private void BeginAsk()
    {
        if (_delivered is { } delivered)
        {
            // Asking for the next says that the last is done with. If it was moved or taken meanwhile, this goes to a track that nobody
            // reads.
            _delivered = null;
            delivered.Track.Position = delivered.NextOffset;
            if (StoresAutomatically)
                delivered.Track.Stored = delivered.Track.Position;
        }

        lock (_lock)
        {
            SetFlow_UnderLock(Flow.Asking);
            if (_closing)
                return;
            if (IsSubscribed && _membership is null)
                StartMembership_UnderLock();
            if (_isDeliverable)
                _session?.Start();
            StartCommitting_UnderLock();
        }
    }

    private void EndAsk()
    {
        lock (_lock)
            SetFlow_UnderLock(Flow.Idle);
        Volatile.Write(ref _asking, 0);
    }

    private RecordBatchLease? TryNext(bool advance)
    {
        ConsumerSession? session;
        lock (_lock)
        {
            ThrowIfClosing_UnderLock();
            if (_fatal is not null)
                throw _fatal;
            if (_session is null && !IsSubscribed)
                throw new InvalidOperationException("The consumer has nothing to consume: call Subscribe or Assign first.");
            session = _isDeliverable && !_interrupted ? _session : null;
        }

        if (session is null)
            return null;
        if (session.TryTakeFault(out var fault))
            throw fault;
        while (Take(session) is { } lease)
        {
            lock (_lock)
            {
                if (_session == session && !_interrupted && !_closing && !lease.IsStale)
                {
                    if (advance)
                        lease.Track.Position = lease.NextOffset;
                    lease.Track.Epoch = lease.LeaderEpoch;
                    _delivered = lease;
                    SetFlow_UnderLock(Flow.Processing);
                    Volatile.Write(ref _asking, 0);
                    ClientTelemetry.Receive(lease.TopicPartition, _options.GroupId, lease.RecordCount);
                    return lease;
                }
            }

            lease.Dispose();
            if (_interrupted)
                return null;
        }

        if (_options.PartitionEndReached is { } told)
        {
            foreach (var end in session.TakeEnds())
                told(end);
        }

        return null;
    }

    private RecordBatchLease? Take(ConsumerSession session)
    {
        if (_leftover is { } leftover)
        {
            _leftover = null;
            if (!leftover.IsStale)
            {
                leftover.SkipTo(leftover.Track.Position);
                if (leftover.RecordCount > 0)
                    return leftover;
            }

            leftover.Dispose();
        }

        while (true)
        {
            if (_chunk is null && !session.TryDequeue(out _chunk))
                return null;
            try
            {
                if (!_chunk.IsStale && _chunk.ReadNext(_decoder) is { } lease)
                    return lease;
            }
            catch (RecordBatchException e) when (_options.SkipDamagedBatches)
            {
                Log.SkippedDamaged(_logger, e.TopicPartition, e.BaseOffset, e.NextOffset - 1, e.Message);
                _chunk.SkipDamaged(e);
            }
            catch (RecordBatchException)
            {
                session.Refetch(_chunk.Cursor);
                throw;
            }
            finally
            {
                // Null is the end of the chunk; an exception is the end of it too.
                if (_chunk is { IsFinished: true } || _chunk is { IsStale: true })
                {
                    _chunk.Dispose();
                    _chunk = null;
                }
            }
        }
    }

    private void DropHeld()
    {
        if (Interlocked.Exchange(ref _asking, 1) != 0)
            return;
        _chunk?.Dispose();
        _leftover?.Dispose();
        (_chunk, _leftover) = (null, null);
        Volatile.Write(ref _asking, 0);
    }

    private void SetFlow_UnderLock(Flow flow)
    {
        _flow = flow;
        _activity++;
        _flowChanged.Set();
    }
}
