using Caudal.Protocol.Messages;

namespace Caudal.Bench;

/// <summary>A client that connects, asks and goes, again and again, while others do what they like: how long it has to wait.</summary>
internal sealed class HonestClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Task _running;

    // Guarded by the lock.
    private TimeSpan _slowest;
    private int _left;
    private TaskCompletionSource? _enough;

    /// <summary>Begins.</summary>
    /// <param name="bootstrap">The broker.</param>
    public HonestClient(string bootstrap) => _running = Task.Run(() => RunAsync(bootstrap, _stop.Token));

    /// <summary>Waits for so many more exchanges.</summary>
    /// <returns>The slowest since the last call.</returns>
    public async Task<TimeSpan> SlowestOfNextAsync(int count)
    {
        Task enough;
        lock (_lock)
        {
            _left = count;
            _enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            enough = _enough.Task;
        }

        await await Task.WhenAny(enough, _running);
        lock (_lock)
        {
            var slowest = _slowest;
            _slowest = TimeSpan.Zero;
            return slowest;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(string bootstrap, CancellationToken cancellationToken)
    {
        var frame = RawClient.Frame(new DescribeClusterRequest(), 0);
        while (true)
        {
            var since = TimeProvider.System.GetTimestamp();
            using (var client = await RawClient.ConnectAsync(bootstrap, cancellationToken))
                await client.ExchangeAsync(frame, cancellationToken);
            var elapsed = TimeProvider.System.GetElapsedTime(since);
            lock (_lock)
            {
                _slowest = elapsed > _slowest ? elapsed : _slowest;
                if (--_left == 0)
                    _enough?.SetResult();
            }
        }
    }
}
