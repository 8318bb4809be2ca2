using System.Text.RegularExpressions;
using Caudal.Client.Groups;
using Caudal.Protocol;

namespace Caudal.Client.Consuming;

/// <content>The group's side: taking partitions over and giving them up.</content>
internal sealed partial class ConsumerEngine
{
    // Counts every sign of life of the user; the membership looks at it from time to time.
    private long _activity;
    private long _seenActivity;
    private long _lastActivity;

    public TimeSpan RemainingPollTime()
    {
        lock (_lock)
        {
            var clock = _client.Options.TimeProvider;
            var activity = Volatile.Read(ref _activity);
            if ((_flow == Flow.Asking && _runner is not { IsBusy: true }) || activity != _seenActivity)
            {
                _seenActivity = activity;
                _lastActivity = clock.GetTimestamp();
                return _options.MaxPollInterval;
            }

            return _options.MaxPollInterval - clock.GetElapsedTime(_lastActivity);
        }
    }

    public async ValueTask WaitUntilAskedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_flow == Flow.Asking)
                    return;
            }

            await _flowChanged.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask AssignAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        ConsumerSession session;
        lock (_lock)
        {
            if (_session is null)
                _session = NewSession(partitions);
            else
                _session.Add_UnderLock(partitions);
            session = _session;
        }

        await TellAsync(partitions, static (l, p, t) => l.OnAssignedAsync(p, t), cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _isDeliverable = true;
            session.Release_UnderLock(partitions);
        }

        session.Start();
        _userWake.Set();
    }

    public async ValueTask<bool> RevokeAsync(IReadOnlyList<TopicPartition>? partitions, CancellationToken cancellationToken)
    {
        _interrupted = true;
        try
        {
            if (!await WaitUntilNotProcessingAsync(cancellationToken).ConfigureAwait(false)
                || !await DrainAsync(partitions, cancellationToken).ConfigureAwait(false))
            {
                await LoseAsync(cancellationToken).ConfigureAwait(false);
                return false;
            }

            try
            {
                if (_options.EnableAutoCommit)
                    await CommitStoredAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (KafkaException e)
            {
                Log.CommitFailed(_logger, _options.GroupId!, e.Message);
            }

            await TellAsync(partitions ?? Assignment, static (l, p, t) => l.OnRevokedAsync(p, t), cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                if (partitions is null)
                    Discard_UnderLock();
                else
                    _session?.Remove_UnderLock(partitions);
            }

            return true;
        }
        finally
        {
            _interrupted = false;
            _userWake.Set();
        }
    }

    public async ValueTask LoseAsync(CancellationToken cancellationToken)
    {
        var partitions = Assignment;
        lock (_lock)
            Discard_UnderLock();
        _runner?.Lose(partitions);
        await TellAsync(partitions, static (l, p, t) => l.OnLostAsync(p, t), cancellationToken).ConfigureAwait(false);
    }

    public void Fail(Exception error)
    {
        lock (_lock)
        {
            _fatal = error;
            Discard_UnderLock();
        }

        _userWake.Set();
    }

    // False if the user took longer than max.poll.interval.
    private async ValueTask<bool> WaitUntilNotProcessingAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_flow != Flow.Processing)
                    return true;
            }

            var left = RemainingPollTime();
            if (left <= TimeSpan.Zero)
                return false;
            await _flowChanged.WaitAsync(left, _client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask TellAsync(
        IReadOnlyList<TopicPartition> partitions,
        Func<IRebalanceListener, IReadOnlyList<TopicPartition>, CancellationToken, ValueTask> tell,
        CancellationToken cancellationToken)
    {
        foreach (var listener in _options.RebalanceListeners)
        {
            try
            {
                await tell(listener, partitions, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                Log.ListenerFailed(_logger, e);
            }
        }
    }

    public async ValueTask ResolveTopicsAsync(CancellationToken cancellationToken)
    {
        Regex? pattern;
        lock (_lock)
            pattern = _pattern;
        if (pattern is null)
            return;
        var all = await _client.Metadata.ListAllAsync(cancellationToken).ConfigureAwait(false);
        string[] names = [.. all.Where(t => !t.IsInternal && t.Error == ErrorCode.None && pattern.IsMatch(t.Name)).Select(t => t.Name)];
        Array.Sort(names, StringComparer.Ordinal);
        lock (_lock)
        {
            if (_pattern == pattern && !_topics.SequenceEqual(names, StringComparer.Ordinal))
                _topics = names;
        }
    }

    // Topics that match a pattern come and go.
    private async Task WatchTopicsAsync(GroupMembership membership, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Task.Delay(_client.Options.MetadataMaxAge, _client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
                await ResolveTopicsAsync(cancellationToken).ConfigureAwait(false);
                membership.SubscriptionChanged();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is KafkaException or RegexMatchTimeoutException)
            {
                Log.TopicsUnknown(_logger, e.Message);
            }
        }
    }

    private void StartMembership_UnderLock()
    {
        var membership = new GroupMembership(_client, _options, this);
        _membership = membership;
        _membershipTask = Task.Run(() => membership.RunAsync(_stopped.Token));
        _patternTask = Task.Run(() => WatchTopicsAsync(membership, _stopped.Token));
    }
}
