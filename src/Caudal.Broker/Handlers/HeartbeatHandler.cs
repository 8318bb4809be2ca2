// Heartbeat (12), versions 0-4.
using Caudal.Broker.Answers;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Keeps a member in its group.</summary>
internal sealed class HeartbeatHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<HeartbeatRequest, HeartbeatResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<HeartbeatResponse?> HandleAsync(RequestContext context, HeartbeatRequest request, Reply reply) =>
        new(coordinators.CheckGroup(context, request.GroupId) is var error and not ErrorCode.None
            ? ErrorAnswers.Fail(request, context.ApiVersion, error)
            : groups.Heartbeat(context, request));
}
