// LeaveGroup (13), versions 0-5. Several members from version 3 on, each with an error of its own.
using Caudal.Broker.Answers;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Takes members out of their group.</summary>
internal sealed class LeaveGroupHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<LeaveGroupRequest, LeaveGroupResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<LeaveGroupResponse?> HandleAsync(RequestContext context, LeaveGroupRequest request, Reply reply) =>
        new(coordinators.CheckGroup(context, request.GroupId) is var error and not ErrorCode.None
            ? ErrorAnswers.Fail(request, context.ApiVersion, error)
            : groups.Leave(context, request));
}
