namespace Caudal.Broker;

/// <summary>When a fault strikes: whether the request still has its effect.</summary>
public enum FaultMoment
{
    /// <summary>Before the request is served: it has no effect, as if it had never arrived.</summary>
    Before,

    /// <summary>After the request was served: it has its effect, and the client does not learn of it.</summary>
    After,
}
