using Caudal.Broker.Faults;
using Caudal.Broker.Metrics;

namespace Caudal.Broker.Network;

/// <summary>
/// What a handler may know about the request that it serves, besides the request itself: who asks, through which listener, and how long the
/// answer is wanted.
/// </summary>
/// <remarks>
/// Immutable; one object a request. A connection has at most one request in flight, but for produce requests that wait for the disk, so a
/// handler may take its time without answers getting out of order.
/// </remarks>
internal sealed class RequestContext
{
    /// <summary>The name that the client gave itself in the request's header; empty when it gave none.</summary>
    public required string ClientId { get; init; }

    /// <summary>Where the client is, as Kafka shows it in group descriptions: a slash and the address, without the port.</summary>
    public required string ClientHost { get; init; }

    /// <summary>The client's address and port, for logs.</summary>
    public required string RemoteName { get; init; }

    /// <summary>Where the broker measures what it does; null if nobody does.</summary>
    public BrokerMeter? Meter { get; init; }

    /// <summary>The version of the API in which the request came and the response goes.</summary>
    public required short ApiVersion { get; init; }

    /// <summary>The id of the node that received the request: it answers for what it leads and coordinates only.</summary>
    public int NodeId { get; init; } = 1;

    /// <summary>The faults that may strike the request; null while none are set up.</summary>
    public RequestFaults? Faults { get; init; }

    /// <summary>
    /// Cancelled when the connection closes or the broker stops: an answer is of no use any more, what was done stays done.
    /// </summary>
    public required CancellationToken CancellationToken { get; init; }
}
