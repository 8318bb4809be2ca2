using Caudal.Client.Processing;
using Caudal.Protocol;

namespace Caudal.Client.Consuming;

/// <content>What a runner that handles records in parallel needs.</content>
internal sealed partial class ConsumerEngine
{
#pragma warning disable CA1859 // It is one of a record type that the engine does not know.
    private volatile IRecordRunner? _runner;
#pragma warning restore CA1859

    // While records are handled in parallel, handing out the next says nothing of the last.
    private bool StoresAutomatically => _options.EnableAutoOffsetStore && _runner is null;

    /// <summary>Runs a runner: it alone says what is done until it ends.</summary>
    /// <exception cref="InvalidOperationException">Another one is running.</exception>
    public async Task RunAsync<TKey, TValue>(RecordRunner<TKey, TValue> runner)
    {
        lock (_lock)
        {
            ThrowIfClosing_UnderLock();
            if (_runner is not null)
                throw new InvalidOperationException("This consumer is running a handler already; wait for that RunAsync to end.");
            FinishDelivered();
            _runner = runner;
        }

        try
        {
            await runner.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            Rewind(runner.Touched);
            _runner = null;
            await CommitAtTheEndAsync().ConfigureAwait(false);
        }
    }

    // Who runs a handler is done with what was handed out before.
    private void FinishDelivered()
    {
        if (_delivered is not { } delivered || Volatile.Read(ref _asking) != 0)
            return;
        _delivered = null;
        delivered.Track.Position = delivered.NextOffset;
        if (_options.EnableAutoOffsetStore)
            delivered.Track.Stored = delivered.Track.Position;
    }

    // Records that were taken and are not done come again, to whoever asks next.
    private void Rewind(IEnumerable<TopicPartition> partitions)
    {
        _delivered = null;
        lock (_lock)
        {
            foreach (var partition in partitions)
            {
                if (_session is { } session && session.TryGet(partition, out var cursor)
                    && cursor.Track is { Stored: >= 0 } track && track.Stored < track.Position)
                {
                    session.Seek_UnderLock(cursor, track.Stored);
                }
            }
        }
    }

    private async ValueTask CommitAtTheEndAsync()
    {
        if (!_options.EnableAutoCommit || _offsets is null || _stopped.IsCancellationRequested)
            return;
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
            await CommitStoredAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KafkaException or OperationCanceledException)
        {
            Log.CommitFailed(_logger, _options.GroupId!, e.Message);
        }
    }

    // False if nothing was finished for max.poll.interval.
    private async ValueTask<bool> DrainAsync(IReadOnlyCollection<TopicPartition>? partitions, CancellationToken cancellationToken)
    {
        if (_runner is not { } runner)
            return true;
        var drained = runner.DrainAsync(partitions);
        while (!drained.IsCompleted)
        {
            var left = RemainingPollTime();
            if (left <= TimeSpan.Zero)
                return false;
            try
            {
                await drained.WaitAsync(left, _client.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Something may have been finished meanwhile: the time that is left is looked at again.
            }
        }

        return true;
    }
}
