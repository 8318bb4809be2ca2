using Caudal.Broker.Answers;
using Caudal.Protocol;

namespace Caudal.Broker.Faults;

/// <summary>The faults that may strike one request; there is none while no faults are set up.</summary>
/// <remarks>A fault counts a request once, however many of its partitions it strikes. Used by one request at a time.</remarks>
internal sealed class RequestFaults(BrokerFaults owner, BrokerFault[] candidates, ApiKey api, int nodeId, string clientId)
{
    private readonly List<BrokerFault> _struck = [];
    private readonly BrokerFault[] _candidates = Array.FindAll(candidates, fault =>
        (fault.Api is null || fault.Api == api)
        && (fault.Scope.NodeId is null || fault.Scope.NodeId == nodeId)
        && (fault.Scope.ClientId is null || fault.Scope.ClientId == clientId));

    /// <summary>The clock for delays.</summary>
    public TimeProvider Time => owner.Time;

    // Their handlers ask for each partition, so that one may fail and another be served.
    private bool AsksByPartition => api is ApiKey.Produce or ApiKey.Fetch or ApiKey.ListOffsets or ApiKey.OffsetForLeaderEpoch
        or ApiKey.DeleteRecords or ApiKey.DescribeProducers;

    /// <summary>Finds out what is to happen to the request as a whole.</summary>
    /// <param name="partitions">What it is about.</param>
    public FaultPlan Take(IEnumerable<NamedPartition> partitions)
    {
        var plan = new FaultPlan();
        List<NamedPartition>? named = null;
        foreach (var fault in _candidates)
        {
            if (fault.Error != ErrorCode.None && AsksByPartition)
                continue;
            if (fault.Scope.Topic is not null && !(named ??= [.. partitions]).Exists(p => Names(fault.Scope, p)))
                continue;
            if (fault.TryTake())
                plan.Add(fault);
        }

        return plan;
    }

    /// <summary>The error that a partition gets; None for none.</summary>
    public ErrorCode ErrorFor(string topic, int partition)
    {
        foreach (var fault in _candidates)
        {
            if (fault.Error == ErrorCode.None || (fault.Scope.Topic is { } wanted && wanted != topic)
                || (fault.Scope.Partition is { } number && number != partition))
                continue;
            if (_struck.Contains(fault))
                return fault.Error;
            if (!fault.TryTake())
                continue;
            _struck.Add(fault);
            return fault.Error;
        }

        return ErrorCode.None;
    }

    private bool Names(FaultScope scope, NamedPartition partition) =>
        owner.NameOf(partition) == scope.Topic && (scope.Partition is null || scope.Partition == partition.Partition);
}
