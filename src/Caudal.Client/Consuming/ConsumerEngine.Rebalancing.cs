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
            if (_flow == Flow.Asking || activity != _seenActivity)
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
            _session = session = NewSession(partitions);
        await TellAsync(partitions, static (l, p, t) => l.OnAssignedAsync(p, t), cancellationToken).ConfigureAwait(false);
        lock (_lock)
            _isDeliverable = true;
        session.Start();
        _userWake.Set();
    }

    public async ValueTask<bool> RevokeAsync(CancellationToken cancellationToken)
    {
        _interrupted = true;
        try
        {
            if (!await WaitUntilNotProcessingAsync(cancellationToken).ConfigureAwait(false))
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

            await TellAsync(Assignment, static (l, p, t) => l.OnRevokedAsync(p, t), cancellationToken).ConfigureAwait(false);
            lock (_lock)
                Discard_UnderLock();
            return true;
        }
        finally
        {
            _interrupted = false;
        }
    }

    public async ValueTask LoseAsync(CancellationToken cancellationToken)
    {
        var partitions = Assignment;
        lock (_lock)
            Discard_UnderLock();
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

    private void StartMembership_UnderLock()
    {
        var membership = new GroupMembership(_client, _options, this);
        _membership = membership;
        _membershipTask = Task.Run(() => membership.RunAsync(_stopped.Token));
    }
}
