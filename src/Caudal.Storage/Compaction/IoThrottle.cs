namespace Caudal.Storage.Compaction;

/// <summary>Keeps what compaction reads and writes under a rate, on average (Kafka's <c>log.cleaner.io.max.bytes.per.second</c>).</summary>
/// <remarks>
/// Waits are asynchronous, and only come once there is enough to wait for; time in which nothing was done earns nothing. Not thread safe:
/// one compaction at a time counts.
/// </remarks>
/// <param name="bytesPerSecond">The most bytes a second, asked for each time, so that it may change; infinity or more than can be done for
/// no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class IoThrottle(Func<double> bytesPerSecond, TimeProvider time)
{
    // Kafka looks as often: shorter waits would cost more than they spread.
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(300);

    // A change of the rate is noticed in time, however long the old one would have had compaction wait.
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(1);

    private long _since = time.GetTimestamp();
    private double _bytes;

    /// <summary>Notes bytes that were read or written.</summary>
    internal void Count(int bytes) => _bytes += bytes;

    /// <summary>Waits until what was noted is within the rate.</summary>
    /// <exception cref="OperationCanceledException">The store stops.</exception>
    internal async ValueTask WaitAsync(CancellationToken stopping)
    {
        for (var isWaiting = false; Debt() is var debt && debt > (isWaiting ? TimeSpan.Zero : LeastWait); isWaiting = true)
            await Task.Delay(debt < MostWait ? debt : MostWait, time, stopping).ConfigureAwait(false);
    }

    // How long the rate would have taken beyond the time that it took.
    private TimeSpan Debt()
    {
        var elapsed = time.GetElapsedTime(_since).TotalSeconds;
        var debt = (_bytes / bytesPerSecond()) - elapsed;
        if (debt <= 0)
        {
            _since = time.GetTimestamp();
            _bytes = 0;
            return TimeSpan.Zero;
        }

        // Timers count in milliseconds: what is less than one is waited for as one.
        return TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(debt, MostWait.TotalSeconds * 2) * 1000));
    }
}
