using Caudal.Protocol;

namespace Caudal.Broker;

/// <summary>A fault that was set up with <see cref="BrokerFaults"/>: how often it struck, and how often it still will.</summary>
/// <remarks>Thread safe. Dispose it to have it strike no more; one that is used up is gone by itself.</remarks>
public sealed class BrokerFault : IDisposable
{
    private readonly BrokerFaults _owner;
    private readonly TaskCompletionSource _struck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _remaining;
    private int _hits;

    internal BrokerFault(BrokerFaults owner, ApiKey? api, FaultScope scope, int times)
    {
        _owner = owner;
        Api = api;
        Scope = scope;
        _remaining = times;
    }

    /// <summary>The API whose requests it strikes; null for all.</summary>
    public ApiKey? Api { get; }

    /// <summary>Which of them.</summary>
    public FaultScope Scope { get; }

    /// <summary>How many requests it has struck.</summary>
    public int Hits => Volatile.Read(ref _hits);

    /// <summary>How many requests it will still strike; <see cref="BrokerFaults.Always"/> for no end.</summary>
    public int Remaining => Volatile.Read(ref _remaining);

    /// <summary>Completes when the first request was struck: something to wait for instead of time.</summary>
    public Task Struck => _struck.Task;

    internal ErrorCode Error { get; init; }

    internal TimeSpan Delay { get; init; }

    internal TimeSpan Throttle { get; init; }

    internal FaultMoment? Lost { get; init; }

    internal FaultMoment? Cut { get; init; }

    /// <summary>Ends the fault.</summary>
    public void Dispose() => _owner.Remove(this);

    internal bool TryTake()
    {
        while (true)
        {
            var remaining = Volatile.Read(ref _remaining);
            if (remaining <= 0)
                return false;
            var next = remaining == BrokerFaults.Always ? remaining : remaining - 1;
            if (Interlocked.CompareExchange(ref _remaining, next, remaining) != remaining)
                continue;
            Interlocked.Increment(ref _hits);
            _struck.TrySetResult();
            if (next == 0)
                _owner.Remove(this);
            return true;
        }
    }
}
