using Caudal.Client.Groups;
using Caudal.Protocol;

namespace Caudal.Client.Consuming;

/// <content>Committing offsets: by hand, periodically, before partitions are given up, on close.</content>
internal sealed partial class ConsumerEngine
{
    // Commits go one after another: two under way at once could arrive in the wrong order.
    private readonly SemaphoreSlim _committing = new(1, 1);

    /// <summary>Commits everything that was handed out (or stored by hand, if storing is the user's).</summary>
    public ValueTask<CommitResult> CommitAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfClosed_UnderLock();
            ThrowIfNoGroup();
            if (StoresAutomatically)
            {
                foreach (var cursor in _session?.Cursors ?? [])
                {
                    if (cursor.Track.Position >= 0)
                        cursor.Track.Stored = cursor.Track.Position;
                }
            }
        }

        return CommitStoredAsync(cancellationToken);
    }

    /// <summary>Commits the given offsets.</summary>
    public ValueTask<CommitResult> CommitAsync(IReadOnlyCollection<OffsetToCommit> offsets, CancellationToken cancellationToken)
    {
        ConsumerSession? session;
        lock (_lock)
        {
            ThrowIfClosed_UnderLock();
            session = _session;
        }

        ThrowIfNoGroup();
        return CommitInTurnAsync(session, () => offsets, cancellationToken);
    }

    /// <summary>Commits what is stored and was not committed yet.</summary>
    private ValueTask<CommitResult> CommitStoredAsync(CancellationToken cancellationToken)
    {
        ConsumerSession? session;
        lock (_lock)
            session = _session;
        return session is null || _offsets is null
            ? ValueTask.FromResult(CommitResult.Nothing)
            : CommitInTurnAsync(session, () => StoredOffsets(session), cancellationToken);
    }

    private List<OffsetToCommit> StoredOffsets(ConsumerSession session)
    {
        lock (_lock)
        {
            List<OffsetToCommit> offsets = [];
            foreach (var cursor in session.Cursors)
            {
                var track = cursor.Track;
                var stored = track.Stored;
                if (stored >= 0 && stored != cursor.Committed)
                    offsets.Add(new OffsetToCommit(cursor.Partition, stored, stored == track.Position ? track.Epoch : -1, ""));
            }

            return offsets;
        }
    }

    // Offsets are looked up when it is their turn, and belong to the session that they were handed out in: written under a later membership
    // they could undo what another member committed meanwhile.
    private async ValueTask<CommitResult> CommitInTurnAsync(
        ConsumerSession? session, Func<IReadOnlyCollection<OffsetToCommit>> find, CancellationToken cancellationToken)
    {
        await _committing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var left = find();
            if (left.Count == 0)
                return CommitResult.Nothing;
            List<TopicPartitionOffset> committed = [];
            List<TopicPartitionOffset> revoked = [];
            await _offsets!.RetryAsync($"Committing offsets of group '{_options.GroupId}'", async token =>
            {
                left = Keep(session, left, revoked, out var member);
                if (left.Count == 0)
                    return ErrorCode.None;
                var answers = await _offsets.CommitOnceAsync(left, member, token).ConfigureAwait(false);
                left = Take(left, answers, session, member, committed, revoked, out var error);
                return left.Count == 0 ? ErrorCode.None : error;
            }, cancellationToken).ConfigureAwait(false);
            if (committed.Count > 0)
                OnCommit?.Invoke(committed);
            return new CommitResult(committed, revoked);
        }
        finally
        {
            _committing.Release();
        }
    }

    // Partitions that are not assigned belong to others: their offsets are not this consumer's to write. Without a subscription anybody's
    // may be written.
    private List<OffsetToCommit> Keep(
        ConsumerSession? session, IReadOnlyCollection<OffsetToCommit> offsets, List<TopicPartitionOffset> revoked,
        out MemberIdentity member)
    {
        lock (_lock)
        {
            member = _membership?.Identity ?? MemberIdentity.None;
            if (!IsSubscribed)
                return [.. offsets];
            var kept = offsets.Where(o => session is not null && session == _session && session.TryGet(o.TopicPartition, out _)).ToList();
            revoked.AddRange(offsets.Except(kept).Select(o => o.Place));
            return kept;
        }
    }

    // What has to be tried again.
    private List<OffsetToCommit> Take(
        IReadOnlyCollection<OffsetToCommit> asked,
        Dictionary<TopicPartition, ErrorCode> answers,
        ConsumerSession? session,
        MemberIdentity member,
        List<TopicPartitionOffset> committed,
        List<TopicPartitionOffset> revoked,
        out ErrorCode error)
    {
        error = ErrorCode.None;
        List<OffsetToCommit> again = [];
        foreach (var offset in asked)
        {
            var answer = answers.GetValueOrDefault(offset.TopicPartition, ErrorCode.UnknownServerError);
            switch (answer)
            {
                case ErrorCode.None:
                    committed.Add(offset.Place);
                    if (session is not null && session.TryGet(offset.TopicPartition, out var cursor))
                        cursor.Committed = offset.Offset;
                    break;
                case ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId when IsSubscribed:
                    revoked.Add(offset.Place);
                    _membership?.NoticeLost(member);
                    break;
                case ErrorCode.RebalanceInProgress when _interrupted:
                    revoked.Add(offset.Place);
                    break;
                case ErrorCode.RebalanceInProgress:
                    // The next generation decides: until it comes, the offset can be neither written nor given up.
                    again.Add(offset);
                    error = ErrorCode.CoordinatorLoadInProgress;
                    break;
                default:
                    again.Add(offset);
                    error = answer;
                    break;
            }
        }

        return again;
    }

    private void StartCommitting_UnderLock()
    {
        if (_options.EnableAutoCommit && _offsets is not null && _commitTask.IsCompleted && !_stopped.IsCancellationRequested)
            _commitTask = Task.Run(CommitPeriodicallyAsync);
    }

    private async Task CommitPeriodicallyAsync()
    {
        var cancellationToken = _stopped.Token;
        while (true)
        {
            try
            {
                await Task.Delay(_options.AutoCommitInterval, _client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
                if (!_interrupted)
                    await CommitStoredAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is KafkaException or OperationCanceledException)
            {
                Log.CommitFailed(_logger, _options.GroupId!, e.Message);
            }
        }
    }

    private void ThrowIfNoGroup()
    {
        if (_offsets is null)
            throw new InvalidOperationException("Committing needs a group: set group.id.");
    }
}
