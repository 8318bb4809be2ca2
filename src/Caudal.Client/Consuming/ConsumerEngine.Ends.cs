namespace Caudal.Client.Consuming;

/// <content>What bounded reads need.</content>
internal sealed partial class ConsumerEngine
{
    /// <summary>Whether asking is woken by answers without records too.</summary>
    public void WatchEnds(bool watches)
    {
        lock (_lock)
        {
            if (_session is not null)
                _session.WatchesEnds = watches;
        }
    }

    /// <summary>Whether everything before the given offsets was handed out, of those partitions that are still assigned.</summary>
    public bool HasReached(IReadOnlyDictionary<TopicPartition, long> ends)
    {
        lock (_lock)
        {
            if (!_isDeliverable || _session is not { } session)
                return false;
            foreach (var (partition, end) in ends)
            {
                // What was handed out last counts: asking again says that it is processed.
                if (session.TryGet(partition, out var cursor) && cursor.Track.Position < end)
                    return false;
            }

            return true;
        }
    }

    /// <summary>Hands out nothing more of a lease's partition, and drops the rest of the lease.</summary>
    public void Stop(RecordBatchLease lease, List<TopicPartition> stopped)
    {
        lock (_lock)
        {
            if (lease.IsStale)
                return;
            Settle(lease);
            ConsumerSession.Pause_UnderLock(lease.Cursor);
        }

        stopped.Add(lease.TopicPartition);
    }

    /// <summary>Goes on with partitions that were stopped.</summary>
    public void Restart(List<TopicPartition> stopped)
    {
        lock (_lock)
        {
            foreach (var partition in stopped)
            {
                if (_session is not null && _session.TryGet(partition, out var cursor))
                    _session.Resume_UnderLock(cursor);
            }
        }
    }
}
