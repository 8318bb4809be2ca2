namespace Caudal.Client.Consuming;

/// <summary>Record after record, up to the ends that the partitions had at the start.</summary>
internal static class BoundedStream
{
    public static async IAsyncEnumerable<ConsumeResult<TKey, TValue>> ReadAsync<TKey, TValue>(
        ConsumerEngine engine,
        OffsetQueries queries,
        RecordDecoder<TKey, TValue> decoder,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Asking is what joins the group; nothing is taken before the ends are known.
        engine.GiveBack(await engine.NextAsync(
            false, Timeout.InfiniteTimeSpan, cancellationToken, () => engine.Assignment.Count > 0).ConfigureAwait(false));
        var ends = await queries.OffsetsAsync(
            [.. engine.Assignment.Except(engine.Paused())], ListOffsets.Latest, cancellationToken).ConfigureAwait(false);
        List<TopicPartition> stopped = [];
        RecordBatchLease? lease = null;
        engine.WatchEnds(true);
        try
        {
            while (true)
            {
                var next = await engine.NextAsync(false, Timeout.InfiniteTimeSpan, cancellationToken, () => engine.HasReached(ends))
                    .ConfigureAwait(false);
                lease?.Dispose();
                lease = next;
                if (lease is null)
                    yield break;
                var end = ends.GetValueOrDefault(lease.TopicPartition, long.MaxValue);
                var (position, index) = (0, 0);
                while (index < lease.RecordCount && !lease.IsStale && !engine.IsInterrupted)
                {
                    if (lease.ReadAt(position, index).Offset >= end)
                    {
                        // What came later stays for whoever reads on.
                        engine.Stop(lease, stopped);
                        break;
                    }

                    if (index > 0)
                        engine.Settle(lease);
                    yield return decoder.Read(lease, ref position, ref index);
                }

                if (index < lease.RecordCount)
                {
                    engine.CutShort(lease);
                    lease = null;
                }
            }
        }
        finally
        {
            engine.GiveBack(lease);
            engine.Restart(stopped);
            engine.WatchEnds(false);
        }
    }
}
