using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Consuming;

/// <content>Detects that a new leader does not have what was read from the old one (KIP-320).</content>
internal sealed partial class ConsumerSession
{
    // A log is only ever cut off under a new leader epoch: as long as the last record's epoch is the leader's, nothing can be missing.
    private static void DoubtPosition_UnderLock(PartitionCursor cursor)
    {
        var track = cursor.Track;
        if (cursor.State == CursorState.Ready && track.FetchEpoch >= 0 && track.FetchEpoch < cursor.LeaderEpoch
            && track.ConfirmedEpoch != cursor.LeaderEpoch)
        {
            cursor.State = CursorState.NeedsValidation;
        }
    }

    private async ValueTask ValidateAsync(CancellationToken cancellationToken)
    {
        var wanted = Select(c => c.State == CursorState.NeedsValidation && c.Leader >= 0);
        await Task.WhenAll(wanted.GroupBy(c => c.Leader).Select(g => ValidateAsync(g.Key, [.. g], cancellationToken)))
            .ConfigureAwait(false);
    }

    private async Task ValidateAsync(int leader, PartitionCursor[] cursors, CancellationToken cancellationToken)
    {
        (PartitionCursor Cursor, PositionTrack Track, int LeaderEpoch, int FetchEpoch)[] asked;
        lock (_lock)
            asked = [.. cursors.Select(c => (c, c.Track, c.LeaderEpoch, c.Track.FetchEpoch))];
        Dictionary<TopicPartition, OffsetForLeaderEpochResponse.EpochEndOffset>? answers = [];
        try
        {
            var request = new OffsetForLeaderEpochRequest
            {
                ReplicaId = -1,
                Topics = [.. asked.GroupBy(a => a.Cursor.Partition.Topic, StringComparer.Ordinal).Select(
                    topic => new OffsetForLeaderEpochRequest.OffsetForLeaderTopic
                    {
                        Topic = topic.Key,
                        Partitions = [.. topic.Select(a => new OffsetForLeaderEpochRequest.OffsetForLeaderPartition
                        {
                            Partition = a.Cursor.Partition.Partition,
                            CurrentLeaderEpoch = a.LeaderEpoch,
                            LeaderEpoch = a.FetchEpoch,
                        })],
                    })],
            };
            var response = await BrokerCall.SendAsync<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(
                _client, leader, request, cancellationToken).ConfigureAwait(false);
            foreach (var topic in response.Topics)
            {
                foreach (var partition in topic.Partitions)
                    answers[new TopicPartition(topic.Topic, partition.Partition)] = partition;
            }
        }
        catch (UnsupportedVersionException)
        {
            // A broker that cannot be asked is believed, as it was before KIP-320.
            answers = null;
        }
        catch (Exception e) when (e is ConnectionException or KafkaTimeoutException)
        {
            Log.RouteFailed(_logger, e.Message);
        }

        lock (_lock)
        {
            foreach (var (cursor, track, leaderEpoch, _) in asked)
            {
                // The user may have moved it meanwhile.
                if (cursor.State != CursorState.NeedsValidation || cursor.Track != track)
                    continue;
                if (answers is null)
                    Confirm_UnderLock(cursor, leaderEpoch);
                else if (answers.TryGetValue(cursor.Partition, out var answer))
                    Validate_UnderLock(cursor, leaderEpoch, answer);
                else
                    FindLeaderAgain_UnderLock(cursor);
            }
        }
    }

    private void Validate_UnderLock(PartitionCursor cursor, int leaderEpoch, OffsetForLeaderEpochResponse.EpochEndOffset answer)
    {
        var error = (ErrorCode)answer.ErrorCode;
        if (error == ErrorCode.None)
        {
            if (answer.EndOffset >= cursor.Track.FetchOffset)
                Confirm_UnderLock(cursor, leaderEpoch);
            else
                CutBack_UnderLock(cursor, answer.EndOffset, answer.LeaderEpoch);
        }
        else if (error.IsRetriable() || error is ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch)
        {
            FindLeaderAgain_UnderLock(cursor);
        }
        else
        {
            Fault_UnderLock(cursor, new BrokerErrorException(
                error, $"Whether {cursor.Partition} was cut off cannot be found out", topic: cursor.Partition.Topic,
                partition: cursor.Partition.Partition));
        }
    }

    private void Confirm_UnderLock(PartitionCursor cursor, int leaderEpoch)
    {
        cursor.Track.ConfirmedEpoch = leaderEpoch;
        cursor.State = CursorState.Ready;
        _wakeUser();
    }

    // What lies behind the end that the leader knows was lost: other records stand at these offsets, or will.
    private void CutBack_UnderLock(PartitionCursor cursor, long end, int epoch)
    {
        var track = cursor.Track;
        Log.Truncated(_logger, cursor.Partition, track.FetchOffset, end);
        if (_options.AutoOffsetReset == AutoOffsetReset.None)
        {
            // Still to be validated once this is reported: asking again fails again.
            Fault_UnderLock(cursor, new LogTruncationException(cursor.Partition, track.FetchOffset, end < 0 ? null : end));
            return;
        }

        cursor.State = CursorState.Ready;
        if (end < 0)
        {
            cursor.Track = new PositionTrack(-1, track.Stored);
            ApplyPolicy_UnderLock(cursor);
        }
        else
        {
            cursor.Track = new PositionTrack(Math.Min(track.Position, end), Math.Min(track.Stored, end), epoch)
            {
                ConfirmedEpoch = cursor.LeaderEpoch,
            };
            _wakeUser();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1313, LogLevel.Warning,
            "{Partition} was cut off under its new leader: what was read up to offset {Offset} ends at {End} there. Records were lost by "
            + "the cluster; reading goes on at that end")]
        public static partial void Truncated(ILogger logger, TopicPartition partition, long offset, long end);
    }
}
