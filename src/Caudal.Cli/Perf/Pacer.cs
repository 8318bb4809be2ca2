namespace Caudal.Cli.Perf;

/// <summary>Spreads calls evenly over time; a caller who is late catches up without waiting. Not thread safe.</summary>
/// <param name="rate">Calls a second; 0 for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class Pacer(int rate, TimeProvider time)
{
    // Timers are not finer than this: shorter waits are made up for later.
    private static readonly TimeSpan Finest = TimeSpan.FromMilliseconds(1);

    private readonly long _start = time.GetTimestamp();
    private long _calls;

    /// <summary>Waits until the next call is due.</summary>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (rate == 0)
            return ValueTask.CompletedTask;
        var ahead = TimeSpan.FromSeconds((double)_calls++ / rate) - time.GetElapsedTime(_start);
        return ahead < Finest ? ValueTask.CompletedTask : new ValueTask(Task.Delay(ahead, time, cancellationToken));
    }
}
