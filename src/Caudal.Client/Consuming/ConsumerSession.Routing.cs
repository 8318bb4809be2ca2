using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Consuming;

/// <content>The router: gives every cursor a position and a leader, and hands it to the leader's fetch loop.</content>
internal sealed partial class ConsumerSession
{
    private long _lastRefresh = long.MinValue;

    private async Task RouteAsync()
    {
        var cancellationToken = _ended.Token;
        var backoff = new ExponentialBackoff(_client.Options.RetryBackoff, _client.Options.RetryBackoffMax);
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                failures = await TryRouteAsync(cancellationToken).ConfigureAwait(false) ? 0 : failures + 1;
                if (failures == 0)
                    await _routerWake.WaitAsync(cancellationToken).ConfigureAwait(false);
                else
                    await _routerWake.WaitAsync(backoff.After(failures), _client.Options.TimeProvider, cancellationToken)
                        .ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Fail(e);
                return;
            }
        }
    }

    // True if there is nothing left to find out.
    private async ValueTask<bool> TryRouteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FindCommittedAsync(cancellationToken).ConfigureAwait(false);
            await FindLeadersAsync(cancellationToken).ConfigureAwait(false);
            await ValidateAsync(cancellationToken).ConfigureAwait(false);
            await FindOffsetsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException e) when (e.IsRetriable)
        {
            Log.RouteFailed(_logger, e.Message);
            return false;
        }

        lock (_lock)
        {
            foreach (var cursor in _order)
            {
                if (cursor.Leader >= 0 && !_fetchers.ContainsKey((cursor.Leader, 0)))
                    StartFetchers_UnderLock(cursor.Leader);
            }

            foreach (var (node, lane) in _fetchers.Keys)
            {
                if (lane == 0)
                    WakeNode_UnderLock(node);
            }

            return !Array.Exists(_order,
                c => c.State is CursorState.NeedsCommitted or CursorState.NeedsOffset or CursorState.NeedsValidation
                    || (c.State == CursorState.Ready && c.Leader < 0));
        }
    }

    private void StartFetchers_UnderLock(int nodeId)
    {
        if (_ended.IsCancellationRequested)
            return;
        for (var lane = 0; lane < FetchLinks.Lanes; lane++)
        {
            var fetcher = new BrokerFetcher(this, _client, _links.Get(nodeId, lane), nodeId, lane);
            _fetchers.Add((nodeId, lane), fetcher);
            _tasks.Add(Task.Run(() => fetcher.RunAsync(_ended.Token)));
        }
    }

    private PartitionCursor[] Select(Predicate<PartitionCursor> condition)
    {
        lock (_lock)
            return Array.FindAll(_order, condition);
    }

    private async ValueTask FindCommittedAsync(CancellationToken cancellationToken)
    {
        var wanted = Select(c => c.State == CursorState.NeedsCommitted);
        if (wanted.Length == 0)
            return;
        Dictionary<TopicPartition, OffsetAndMetadata> committed;
        try
        {
            committed = _offsets is null ? [] : await _offsets.FetchAsync([.. wanted.Select(c => c.Partition)], cancellationToken)
                .ConfigureAwait(false);
        }
        catch (BrokerErrorException e) when (!e.IsRetriable)
        {
            lock (_lock)
            {
                foreach (var cursor in wanted.Where(c => c.State == CursorState.NeedsCommitted))
                    Fault_UnderLock(cursor, e);
            }

            return;
        }

        lock (_lock)
        {
            foreach (var cursor in wanted)
            {
                if (cursor.State != CursorState.NeedsCommitted)
                    continue;
                if (committed.TryGetValue(cursor.Partition, out var found) && found.Offset >= 0)
                {
                    cursor.Committed = found.Offset;
                    cursor.Track = new PositionTrack(found.Offset, found.Offset, found.LeaderEpoch ?? -1);
                    cursor.State = CursorState.Ready;
                }
                else
                {
                    ApplyPolicy_UnderLock(cursor);
                }
            }
        }
    }

    private async ValueTask FindLeadersAsync(CancellationToken cancellationToken)
    {
        var wanted = Select(
            c => c.Leader < 0 && c.State is CursorState.Ready or CursorState.NeedsOffset or CursorState.NeedsValidation);
        var stale = wanted.Where(
            c => c.IsLeaderStale || _client.Metadata.Current.Partition(c.Partition.Topic, c.Partition.Partition) is not { LeaderId: >= 0 })
            .Select(c => c.Partition.Topic).ToHashSet(StringComparer.Ordinal);
        if (stale.Count > 0)
            await RefreshAsync(stale, cancellationToken).ConfigureAwait(false);
        var cluster = _client.Metadata.Current;
        lock (_lock)
        {
            foreach (var cursor in wanted)
            {
                var (topic, partition) = cursor.Partition;
                if (cluster.Partition(topic, partition) is { LeaderId: >= 0 } found)
                {
                    cursor.Leader = found.LeaderId;
                    cursor.LeaderEpoch = found.LeaderEpoch;
                    cursor.TopicId = cluster.Topics[topic].Id;
                    cursor.IsLeaderStale = false;
                    DoubtPosition_UnderLock(cursor);
                }
                else if (cluster.Topics.TryGetValue(topic, out var metadata) && metadata.Error != ErrorCode.None
                    && !metadata.Error.IsRetriable())
                {
                    Fault_UnderLock(cursor, new BrokerErrorException(
                        metadata.Error, $"{cursor.Partition} cannot be consumed", topic: topic, partition: partition));
                }
            }
        }
    }

    // A broker that says that it leads a partition and then refuses it must not be asked in a tight circle.
    private async ValueTask RefreshAsync(HashSet<string> topics, CancellationToken cancellationToken)
    {
        var clock = _client.Options.TimeProvider;
        if (_lastRefresh != long.MinValue)
        {
            var wait = _client.Options.RetryBackoff - clock.GetElapsedTime(_lastRefresh);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
        }

        await _client.Metadata.RefreshAsync(topics, cancellationToken).ConfigureAwait(false);
        _lastRefresh = clock.GetTimestamp();
    }

    private async ValueTask FindOffsetsAsync(CancellationToken cancellationToken)
    {
        var wanted = Select(c => c.State == CursorState.NeedsOffset && c.Leader >= 0);
        await Task.WhenAll(wanted.GroupBy(c => c.Leader).Select(g => FindOffsetsAsync(g.Key, [.. g], cancellationToken)))
            .ConfigureAwait(false);
    }

    private async Task FindOffsetsAsync(int leader, PartitionCursor[] cursors, CancellationToken cancellationToken)
    {
        (PartitionCursor Cursor, PositionTrack Track, long Timestamp)[] asked;
        lock (_lock)
            asked = [.. cursors.Select(c => (c, c.Track, c.ResetTimestamp))];
        Dictionary<TopicPartition, ListOffsets.Answer> answers;
        try
        {
            answers = await ListOffsets.AskAsync(
                _client, leader, [.. asked.Select(a => (a.Cursor.Partition, a.Cursor.LeaderEpoch, a.Timestamp))], _options,
                    cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionException or KafkaTimeoutException)
        {
            Log.RouteFailed(_logger, e.Message);
            answers = [];
        }

        lock (_lock)
        {
            foreach (var (cursor, track, timestamp) in asked)
            {
                // The user may have moved it meanwhile.
                if (cursor.State != CursorState.NeedsOffset || cursor.Track != track || cursor.ResetTimestamp != timestamp)
                    continue;
                Position_UnderLock(cursor, answers.TryGetValue(cursor.Partition, out var answer) ? answer
                    : new ListOffsets.Answer(ErrorCode.LeaderNotAvailable, -1, -1, -1));
            }
        }
    }

    private void Position_UnderLock(PartitionCursor cursor, ListOffsets.Answer answer)
    {
        if (answer.Error == ErrorCode.None && answer.Offset >= 0)
        {
            if (cursor.KeepsTrackOnReset && answer.Offset >= cursor.Track.FetchOffset)
                cursor.Track.FetchOffset = answer.Offset;
            else
                cursor.Track = new PositionTrack(
                    answer.Offset, _options.EnableAutoOffsetStore ? answer.Offset : cursor.Track.Stored, answer.LeaderEpoch);
            cursor.State = CursorState.Ready;
            _wakeUser();
        }
        else if (answer.Error == ErrorCode.None)
        {
            // No record is as young as the time that was asked for: the end it is.
            cursor.ResetTimestamp = ListOffsets.Latest;
        }
        else if (answer.Error.IsRetriable() || answer.Error is ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch)
        {
            FindLeaderAgain_UnderLock(cursor);
        }
        else
        {
            Fault_UnderLock(cursor, new BrokerErrorException(
                answer.Error, $"The start of {cursor.Partition} cannot be found", topic: cursor.Partition.Topic,
                    partition: cursor.Partition.Partition));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1311, LogLevel.Debug, "Positions and leaders could not all be found: {Reason}")]
        public static partial void RouteFailed(ILogger logger, string reason);

        [LoggerMessage(1312, LogLevel.Warning, "Offset {Offset} of {Partition} is out of range; auto.offset.reset decides where to go on")]
        public static partial void OutOfRange(ILogger logger, TopicPartition partition, long offset);
    }
}
