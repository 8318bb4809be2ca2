using Caudal.Client.Consuming;

namespace Caudal.Client.Processing;

/// <summary>Decides which record may be handled when, and which offsets are done. Knows no tasks and no consumer. Thread safe.</summary>
/// <remarks>
/// Records come in the order of their offsets in each partition and finish in any. An offset is stored when all before it in its partition
/// are done, so that a commit never speaks of a record that is not. Order is kept by lanes: of a lane only one record is ready or running.
/// </remarks>
internal sealed class RecordScheduler<TRecord>(ProcessingOrder order, int maxPending)
{
    // Guards all state.
    private readonly Lock _lock = new();
    private readonly Queue<WorkItem<TRecord>> _ready = new();
    private readonly Dictionary<TopicPartition, PartitionWork<TRecord>> _works = [];
    private int _pending;
    private int _running;

    /// <summary>Whether there are records that are not done.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
                return _pending > 0 || _running > 0;
        }
    }

    /// <summary>Whether another record may be admitted.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
                return _pending < maxPending;
        }
    }

    /// <summary>Whether a record may be handled.</summary>
    public bool HasReady
    {
        get
        {
            lock (_lock)
                return _ready.Count > 0;
        }
    }

    /// <summary>Finds the work that a lease's records belong to.</summary>
    /// <param name="cursor">The partition.</param>
    /// <param name="track">The track under which the records are valid.</param>
    /// <param name="stopped">Stops everything.</param>
    /// <param name="drained">If something of an earlier position is still running: what to wait for before asking again.</param>
    /// <returns>The work, or null if there is something to wait for.</returns>
    public PartitionWork<TRecord>? Find(PartitionCursor cursor, PositionTrack track, CancellationToken stopped, out Task drained)
    {
        lock (_lock)
        {
            drained = Task.CompletedTask;
            if (_works.TryGetValue(cursor.Partition, out var work))
            {
                if (!work.IsGivenUp && work.IsContinuedBy(cursor, track))
                    return work;
                drained = GiveUp_UnderLock(work);
                if (!drained.IsCompleted)
                    return null;
                Remove_UnderLock(work);
            }

            work = new PartitionWork<TRecord>(cursor, track.Root, stopped);
            work.Begin();
            // What came before the first record is done with, whoever did it.
            work.Store(track.Position);
            _works[cursor.Partition] = work;
            return work;
        }
    }

    /// <summary>Admits the next record of a partition.</summary>
    /// <param name="work">The partition's work.</param>
    /// <param name="offset">The record's offset.</param>
    /// <param name="key">A hash of the record's key; null for none.</param>
    /// <param name="record">The record.</param>
    /// <returns>Whether it may be handled at once.</returns>
    public bool Admit(PartitionWork<TRecord> work, long offset, int? key, TRecord record)
    {
        var item = new WorkItem<TRecord>(work, offset, record);
        lock (_lock)
        {
            if (work.IsGivenUp)
                return false;
            _pending++;
            work.Open.Enqueue(item);
            if (order == ProcessingOrder.None || (order == ProcessingOrder.Key && key is null))
            {
                _ready.Enqueue(item);
                return true;
            }

            var lane = order == ProcessingOrder.Key ? key!.Value : 0;
            if (work.Lanes.TryGetValue(lane, out var busy))
            {
                item.Lane = busy;
                busy.Waiting.Enqueue(item);
                return false;
            }

            item.Lane = work.Lanes[lane] = new WorkLane<TRecord>(lane);
            _ready.Enqueue(item);
            return true;
        }
    }

    /// <summary>Takes the next record that may be handled, if there is one. It must be finished.</summary>
    public bool TryTake(out WorkItem<TRecord> item)
    {
        lock (_lock)
        {
            while (_ready.TryDequeue(out item!))
            {
                if (item.Work.IsGivenUp)
                    continue;
                item.Work.Running++;
                _running++;
                return true;
            }

            return false;
        }
    }

    /// <summary>A record that was taken is done, or was given up.</summary>
    public void Finish(WorkItem<TRecord> item, bool isDone)
    {
        lock (_lock)
        {
            var work = item.Work;
            work.Running--;
            _running--;
            item.IsDone = isDone;
            Settle_UnderLock(work);
            if (work.Running == 0)
                work.Drained?.TrySetResult();
            // What follows one that is not done must not overtake it.
            if (!isDone || work.IsGivenUp || item.Lane is not { } lane)
                return;
            if (lane.Waiting.TryDequeue(out var next))
                _ready.Enqueue(next);
            else
                work.Lanes.Remove(lane.Key);
        }
    }

    /// <summary>Begins nothing more in partitions, or in all if null.</summary>
    /// <returns>Completes when nothing of them is running any more: all that is done is stored then.</returns>
    public Task GiveUpAsync(IReadOnlyCollection<TopicPartition>? partitions, bool cancel)
    {
        List<Task> drained = [];
        List<PartitionWork<TRecord>> cancelled = [];
        lock (_lock)
        {
            foreach (var work in _works.Values.Where(w => partitions is null || partitions.Contains(w.Partition)).ToArray())
            {
                drained.Add(GiveUp_UnderLock(work));
                if (cancel && work.Running > 0)
                    cancelled.Add(work);
                if (work.Running == 0)
                    Remove_UnderLock(work);
            }
        }

        // Outside the lock: handlers may run here.
        foreach (var work in cancelled)
            work.Cancel();
        return Task.WhenAll(drained);
    }

    private Task GiveUp_UnderLock(PartitionWork<TRecord> work)
    {
        if (!work.IsGivenUp)
        {
            work.IsGivenUp = true;
            _pending -= work.Open.Count;
            foreach (var lane in work.Lanes.Values)
                lane.Waiting.Clear();
        }

        if (work.Running == 0)
            return Task.CompletedTask;
        work.Drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return work.Drained.Task;
    }

    private void Remove_UnderLock(PartitionWork<TRecord> work)
    {
        _works.Remove(work.Partition);
        work.Dispose();
    }

    private void Settle_UnderLock(PartitionWork<TRecord> work)
    {
        while (work.Open.TryPeek(out var first) && first.IsDone)
        {
            work.Open.Dequeue();
            if (!work.IsGivenUp)
                _pending--;
            work.Store(first.Offset + 1);
        }
    }
}
