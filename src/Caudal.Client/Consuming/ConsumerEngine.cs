using System.Text.RegularExpressions;
using Caudal.Client.Groups;
using Caudal.Protocol;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Consuming;

/// <summary>
/// The consumer without the types of its records: hands out leases, keeps positions, and gives partitions up when the group wants them.
/// </summary>
/// <remarks>
/// The user's side is one flow of calls, which is always in one of three states: idle, asking for records, or processing what it got.
/// Partitions are taken away only while it is not processing, so "asking" is the moment at which everything before counts as processed and
/// may be committed. One lock guards all state; it is held for a few lines, never across a wait.
/// </remarks>
internal sealed partial class ConsumerEngine : IGroupUser, IAsyncDisposable
{
    private readonly KafkaClient _client;
    private readonly ConsumerOptions _options;
    private readonly ILogger _logger;
    private readonly GroupOffsets? _offsets;
    private readonly BatchDecoder _decoder;
    private readonly FetchLinks _links;
    private readonly CancellationTokenSource _stopped = new();
    private readonly AsyncSignal _userWake = new();
    private readonly AsyncSignal _flowChanged = new();

    // Guards the following, and what the session says it guards.
    private readonly Lock _lock = new();
    private ConsumerSession? _session;
    private GroupMembership? _membership;
    private Task _membershipTask = Task.CompletedTask;
    private Task _commitTask = Task.CompletedTask;
    private Task _patternTask = Task.CompletedTask;
    private readonly List<Task> _discarded = [];
    private string[] _topics = [];
    private Regex? _pattern;
    private bool _isDeliverable;
    private Flow _flow;
    private Exception? _fatal;
    private bool _closing;
    private bool _closed;

    private volatile bool _interrupted;

    public ConsumerEngine(KafkaClient client, ConsumerOptions options)
    {
        _client = client;
        _options = options;
        _logger = client.Options.LoggerFactory.CreateLogger<ConsumerEngine>();
        _offsets = options.GroupId is { } group ? new GroupOffsets(client, group) : null;
        _links = new FetchLinks(client, options);
        _decoder = new BatchDecoder(options.CheckCrcs, options.MaxUnpackedBatchBytes);
        _lastActivity = client.Options.TimeProvider.GetTimestamp();
    }

    private enum Flow
    {
        Idle,
        Asking,
        Processing,
    }

    public ConsumerOptions Options => _options;

    /// <summary>Is told of offsets that were committed; must not throw.</summary>
    public Action<IReadOnlyList<TopicPartitionOffset>>? OnCommit { get; init; }

    public TimeProvider Clock => _client.Options.TimeProvider;

    public IReadOnlyList<string> Topics
    {
        get
        {
            lock (_lock)
                return _topics;
        }
    }

    private bool IsSubscribed => _topics.Length > 0 || _pattern is not null;

    public IReadOnlyList<TopicPartition> Assignment
    {
        get
        {
            lock (_lock)
                return _session?.Partitions ?? [];
        }
    }

    /// <summary>Who commits in transactions.</summary>
    /// <exception cref="InvalidOperationException">There is no group.</exception>
    public ConsumerGroupMetadata GroupMetadata
    {
        get
        {
            var group = _options.GroupId ?? throw new InvalidOperationException("Group metadata need a group: set group.id.");
            GroupMembership? membership;
            lock (_lock)
                membership = _membership;
            var member = membership?.Identity ?? MemberIdentity.None;
            return new ConsumerGroupMetadata(group, member.Generation, member.MemberId, member.InstanceId);
        }
    }

    /// <summary>Whether what was handed out should be cut short, because partitions are about to be given up.</summary>
    public bool IsInterrupted => _interrupted;

    public void Subscribe(IReadOnlyList<string> topics, Regex? pattern = null)
    {
        GroupMembership? membership;
        lock (_lock)
        {
            ThrowIfClosing_UnderLock();
            if (_options.GroupId is null)
                throw new InvalidOperationException("Subscribing needs a group: set group.id, or use Assign.");
            if (_session is not null && _membership is null)
                throw new InvalidOperationException("The consumer has partitions by Assign; a consumer either subscribes or is assigned.");
            _topics = [.. topics.Distinct(StringComparer.Ordinal)];
            _pattern = pattern;
            membership = _membership;
        }

        if (pattern is null)
            membership?.SubscriptionChanged();
        else if (membership is not null)
            membership.SubscriptionReplaced();
    }

    public void Assign(IReadOnlyList<TopicPartition> partitions, IReadOnlyList<TopicPartitionOffset> positions)
    {
        lock (_lock)
        {
            ThrowIfClosing_UnderLock();
            if (IsSubscribed)
                throw new InvalidOperationException("The consumer has subscribed to topics; a consumer either subscribes or is assigned.");
            Discard_UnderLock();
            var session = NewSession([.. partitions.Concat(positions.Select(p => p.TopicPartition)).Distinct()]);
            foreach (var position in positions)
            {
                if (session.TryGet(position.TopicPartition, out var cursor))
                    session.Seek_UnderLock(cursor, position.Offset);
            }

            _session = session;
            _isDeliverable = true;
        }

        _userWake.Set();
    }

    /// <summary>Runs something on an assigned partition's cursor.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public void With(TopicPartition partition, Action<ConsumerSession, PartitionCursor> action)
    {
        lock (_lock)
        {
            ThrowIfClosed_UnderLock();
            if (_session is null || !_session.TryGet(partition, out var cursor))
                throw new InvalidOperationException($"{partition} is not assigned to this consumer.");
            action(_session, cursor);
        }

        _userWake.Set();
    }

    /// <summary>Reads something of an assigned partition's cursor; false if the partition is not assigned.</summary>
    public bool TryRead<T>(TopicPartition partition, Func<PartitionCursor, T> read, out T value)
    {
        lock (_lock)
        {
            var found = _session is not null && _session.TryGet(partition, out var cursor) ? cursor : null;
            value = found is null ? default! : read(found);
            return found is not null;
        }
    }

    public IReadOnlyList<TopicPartition> Paused()
    {
        lock (_lock)
            return [.. (_session?.Cursors ?? []).Where(c => c.Paused).Select(c => c.Partition)];
    }

    /// <summary>Stores what the user says is processed; false, and no effect, if the partition is not assigned any more.</summary>
    public bool StoreOffset(TopicPartitionOffset offset)
    {
        lock (_lock)
        {
            if (_session is null || !_session.TryGet(offset.TopicPartition, out var cursor))
                return false;
            cursor.Track.Stored = offset.Offset;
            return true;
        }
    }

    public async ValueTask CloseAsync(GroupLeave leave, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_closing)
                return;
            _closing = true;
        }

        _userWake.Set();
        try
        {
            await _stopped.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(_membershipTask, _commitTask, _patternTask).WaitAsync(cancellationToken).ConfigureAwait(false);
            ConsumerSession? session;
            lock (_lock)
                session = _session;
            await GiveBackAsync(session, leave, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _membership?.Abort();
            lock (_lock)
            {
                _closed = true;
                Discard_UnderLock();
            }

            DropHeld();
            _links.Abort(new ClientClosedException("The consumer is closed."));
            await Task.WhenAll(_discarded).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(_client.Options.RequestTimeout, _client.Options.TimeProvider);
        try
        {
            await CloseAsync(GroupLeave.Default, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or KafkaException)
        {
            Log.CloseFailed(_logger, e.Message);
        }
    }

    private async ValueTask GiveBackAsync(ConsumerSession? session, GroupLeave leave, CancellationToken cancellationToken)
    {
        try
        {
            if (_runner is { } runner)
                await runner.DrainAsync(null).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (_options.EnableAutoCommit)
                await CommitStoredAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException e)
        {
            Log.CommitFailed(_logger, _options.GroupId ?? "", e.Message);
        }

        if (_membership is null)
            return;
        if (session is not null)
        {
            await TellAsync(session.Partitions, static (l, p, t) => l.OnRevokedAsync(p, t), cancellationToken)
                .AsTask()
                .WaitAsync(cancellationToken)
                .ConfigureAwait(false);
        }

        await _membership.LeaveAsync("the consumer was closed", leave, cancellationToken).ConfigureAwait(false);
    }

    private ConsumerSession NewSession(IReadOnlyList<TopicPartition> partitions) =>
        new(_client, _options, _offsets, _links, partitions, _lock, _userWake.Set);

    private void Discard_UnderLock()
    {
        _isDeliverable = false;
        if (_session is { } session)
            _discarded.Add(session.DisposeAsync().AsTask());
        _session = null;
        _discarded.RemoveAll(t => t.IsCompletedSuccessfully);
    }

    // While the consumer says goodbye nothing new begins, but what it still has can be committed.
    private void ThrowIfClosing_UnderLock()
    {
        if (_closing)
            throw new ClientClosedException("The consumer is closed.");
    }

    private void ThrowIfClosed_UnderLock()
    {
        if (_closed)
            throw new ClientClosedException("The consumer is closed.");
    }

    private static partial class Log
    {
        [LoggerMessage(1321, LogLevel.Warning, "Closing the consumer was not orderly: {Reason}")]
        public static partial void CloseFailed(ILogger logger, string reason);

        [LoggerMessage(1322, LogLevel.Warning, "Offsets of group {Group} could not be committed: {Reason}")]
        public static partial void CommitFailed(ILogger logger, string group, string reason);

        [LoggerMessage(1324, LogLevel.Warning, "The topics that match the subscribed pattern could not be looked up: {Reason}")]
        public static partial void TopicsUnknown(ILogger logger, string reason);

        [LoggerMessage(
            1326, LogLevel.Warning, "The records of {Partition} from offset {First} to {Last} are damaged and were skipped: {Reason}")]
        public static partial void SkippedDamaged(ILogger logger, TopicPartition partition, long first, long last, string reason);

        [LoggerMessage(1323, LogLevel.Error, "A rebalance listener failed")]
        public static partial void ListenerFailed(ILogger logger, Exception error);
    }
}
