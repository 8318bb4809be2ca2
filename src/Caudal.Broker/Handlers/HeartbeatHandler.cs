// Heartbeat (12), versions 0-4.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Keeps a member in its group.</summary>
internal sealed class HeartbeatHandler(GroupCoordinator groups) : RequestHandler<HeartbeatRequest, HeartbeatResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<HeartbeatResponse?> HandleAsync(RequestContext context, HeartbeatRequest request, Reply reply) =>
        new(groups.Heartbeat(context, request));
}
