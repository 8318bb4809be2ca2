namespace Caudal.Cli.Perf;

/// <summary>
/// Notes when warm-up, the first fifth of the records, is over, and when all is done. One caller of <see cref="Advance"/> at a time.
/// </summary>
internal sealed class Meter
{
    private const int WarmUpShare = 5;

    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _warmUp;
    private readonly long _target;
    private long _done;
    private long _fromCount;
    private long _toCount;
    private Usage _from;
    private Usage _to;

    /// <summary>Starts to measure.</summary>
    /// <param name="records">How many records there will be.</param>
    public Meter(long records)
    {
        _target = records;
        _warmUp = records / WarmUpShare;
        if (_warmUp == 0)
            (_from, IsWarm) = (Usage.Take(), true);
    }

    /// <summary>Whether warm-up is over: what happens from now on counts.</summary>
    public bool IsWarm { get; private set; }

    /// <summary>Completes when all records are done.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Counts records that are done.</summary>
    public void Advance(int records)
    {
        var before = _done;
        _done += records;
        if (before < _warmUp && _done >= _warmUp)
            (_fromCount, _from, IsWarm) = (_done, Usage.Take(), true);
        if (before < _target && _done >= _target)
        {
            (_toCount, _to) = (_done, Usage.Take());
            _finished.SetResult();
        }
    }

    /// <summary>The figures of the measured part.</summary>
    /// <param name="work">The work.</param>
    /// <param name="allBytes">The bytes of all records; scaled down to the measured ones.</param>
    /// <param name="latencies">Latencies of the measured part, if there are any.</param>
    public PerfReport Report(string work, long allBytes, Histogram? latencies) => new()
    {
        Work = work,
        Records = _toCount - _fromCount,
        Bytes = (long)((double)allBytes * (_toCount - _fromCount) / _toCount),
        Seconds = TimeProvider.System.GetElapsedTime(_from.Timestamp, _to.Timestamp).TotalSeconds,
        CpuSeconds = (_to.Cpu - _from.Cpu).TotalSeconds,
        MaxRss = Usage.PeakResidentBytes(),
        Allocated = _to.Allocated - _from.Allocated,
        P50 = latencies?.Quantile(0.5),
        P99 = latencies?.Quantile(0.99),
        P999 = latencies?.Quantile(0.999),
        WarmUpRecords = _fromCount,
    };
}
