namespace Caudal.Broker;

/// <summary>Whether a node of the embedded broker takes part in the cluster.</summary>
public enum BrokerNodeState
{
    /// <summary>It serves.</summary>
    Running,

    /// <summary>It accepts connections and requests and answers nothing, as a broker does that hangs.</summary>
    Paused,

    /// <summary>It is gone: nobody reaches it, and others lead its partitions.</summary>
    Stopped,
}
