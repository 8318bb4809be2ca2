// The coordinator of classic groups: JoinGroup (11), SyncGroup (14), Heartbeat (12), LeaveGroup (13),
// OffsetCommit (8), OffsetFetch (9), TxnOffsetCommit (28), DescribeGroups (15), ListGroups (16), DeleteGroups (42).
// * Member metadata and assignments are opaque: protocol types such as connect or stream work like consumer. Only the expiry of offsets
//   looks into subscriptions.
// * One lock guards all groups and is never held over an await. Requests that wait are completion sources; a client that goes away stops
//   waiting, its member stays.
// * What is in __consumer_offsets is decided under the lock and appended in that order (StateWriter); what depends on the append happens
//   after it.
// Deviations from Kafka: group.initial.rebalance.delay.ms is 0 by default; a parked SyncGroup of a member that is removed is answered
// (UNKNOWN_MEMBER_ID), in Kafka it times out; a second JoinGroup of a parked member sends the first one back (REBALANCE_IN_PROGRESS),
// in Kafka that one is never answered.
using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker.Groups;

/// <summary>Coordinates the broker's classic groups and keeps their offsets in <c>__consumer_offsets</c>. Thread safe.</summary>
internal sealed partial class GroupCoordinator : IAsyncDisposable
{
    private readonly IStateLog _log;
    private readonly ITopicCatalog _topics;
    private readonly GroupCoordinatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StateWriter _writer;

    // Guards the following, and all groups and members.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Group> _groups = [];
    private readonly DeadlineQueue _deadlines;
    private readonly Deadline _expiry;
    private bool _isStopped;
    private long _order;

    /// <summary>Creates a coordinator without groups; <see cref="StartAsync"/> reads them.</summary>
    /// <param name="log">Where groups and offsets are kept. The caller closes it after the coordinator.</param>
    /// <param name="topics">Which topics exist.</param>
    /// <param name="options">Limits and times.</param>
    public GroupCoordinator(IStateLog log, ITopicCatalog topics, GroupCoordinatorOptions options)
    {
        _log = log;
        _topics = topics;
        _options = options;
        _time = options.TimeProvider;
        _logger = options.LoggerFactory.CreateLogger<GroupCoordinator>();
        _writer = new StateWriter(log, _gate, _logger);
        _deadlines = new DeadlineQueue(_time, _gate);
        _expiry = new Deadline(ExpireOffsets);
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Which partition of <c>__consumer_offsets</c> holds a group: Java's string hash, as every Kafka tool computes it.</summary>
    public static int PartitionOf(string groupId, int partitionCount)
    {
        var hash = 0;
        foreach (var c in groupId)
            hash = unchecked((31 * hash) + c);
        return hash == int.MinValue ? 0 : Math.Abs(hash) % partitionCount;
    }

    /// <summary>
    /// Answers all that wait with COORDINATOR_NOT_AVAILABLE, finishes the appends that are under way, and refuses everything from then on.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isStopped)
                return;
            _isStopped = true;
            _deadlines.Dispose();
            foreach (var group in _groups.Values)
            {
                foreach (var member in group.Members.Values)
                    Dismiss(group, member, ErrorCode.CoordinatorNotAvailable);
            }
        }

        await _writer.DisposeAsync().ConfigureAwait(false);
    }

    // Finds a group, or creates it without members. Creating leaves no trace in the log: that comes with its first generation or offset.
    private Group GetOrCreate_UnderLock(string groupId)
    {
        if (!_groups.TryGetValue(groupId, out var group))
            _groups[groupId] = group = new Group(groupId, OnJoinDeadline, OnSyncDeadline);
        return group;
    }

    // Hands records over to the log. A stopped coordinator answers at once: nothing will be written any more.
    private void Write_UnderLock(string groupId, List<StateRecord> records, Action<ErrorCode> completed)
    {
        Write_UnderLock(PartitionOf(groupId, _log.PartitionCount), new StateBatch(records), completed);
    }

    private void Write_UnderLock(int partition, StateBatch batch, Action<ErrorCode> completed)
    {
        if (!_writer.TryWrite(new StateWrite(partition, batch, completed)))
            completed(ErrorCode.CoordinatorNotAvailable);
    }

    // The session of a member begins again: it showed that it is alive.
    private void Touch_UnderLock(Member member) => _deadlines.Set(member.Session, member.SessionTimeoutMs);

    // Answers what a member waits for with an error.
    private static void Dismiss(Group group, Member member, ErrorCode error)
    {
        group.AnswerJoin(member, JoinError(member.Id, error));
        member.AnswerSync(SyncError(error));
    }

    private static JoinGroupResponse JoinError(string memberId, ErrorCode error) =>
        new() { MemberId = memberId, ErrorCode = (short)error, ProtocolName = null };

    private static SyncGroupResponse SyncError(ErrorCode error) => new() { ErrorCode = (short)error };

    private static partial class Log
    {
        [LoggerMessage(4111, LogLevel.Information, "Group '{Group}' prepares generation {Generation}: {Reason}.")]
        public static partial void Preparing(ILogger logger, string group, int generation, string reason);

        [LoggerMessage(4112, LogLevel.Information, "Group '{Group}' begins generation {Generation}: {Count} members, '{Protocol}'.")]
        public static partial void Began(ILogger logger, string group, int generation, int count, string? protocol);

        [LoggerMessage(4113, LogLevel.Information, "Member '{Member}' of group '{Group}' was removed: {Reason}.")]
        public static partial void Removed(ILogger logger, string member, string group, string reason);

        [LoggerMessage(4114, LogLevel.Information, "Group '{Group}' was deleted: {Reason}.")]
        public static partial void Deleted(ILogger logger, string group, string reason);

        [LoggerMessage(4115, LogLevel.Warning, "A record of __consumer_offsets was skipped: {Reason}")]
        public static partial void Skipped(ILogger logger, string reason);

        [LoggerMessage(4116, LogLevel.Information, "{Groups} groups were read from __consumer_offsets.")]
        public static partial void Loaded(ILogger logger, int groups);
    }
}
