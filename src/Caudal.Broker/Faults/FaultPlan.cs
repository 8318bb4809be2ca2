using Caudal.Protocol;

namespace Caudal.Broker.Faults;

/// <summary>What is to happen to one request: all the faults that struck it together.</summary>
internal sealed class FaultPlan
{
    /// <summary>How long it waits first.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>What it is answered instead of being served; None to serve it.</summary>
    public ErrorCode Error { get; private set; }

    /// <summary>How long the client is told to wait.</summary>
    public TimeSpan Throttle { get; private set; }

    /// <summary>When it gets lost; null if it does not.</summary>
    public FaultMoment? Lost { get; private set; }

    /// <summary>When its connection is closed; null if it is not.</summary>
    public FaultMoment? Cut { get; private set; }

    /// <summary>Adds a fault. Delays add up; of the others the first counts.</summary>
    public void Add(BrokerFault fault)
    {
        Delay += fault.Delay;
        Throttle = fault.Throttle > Throttle ? fault.Throttle : Throttle;
        if (Error == ErrorCode.None)
            Error = fault.Error;
        Lost ??= fault.Lost;
        Cut ??= fault.Cut;
    }
}
