// SyncGroup (14), versions 0-5. Followers wait for the leader's assignment.
using Caudal.Broker.Answers;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Hands out a group's assignment.</summary>
internal sealed class SyncGroupHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<SyncGroupRequest, SyncGroupResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<SyncGroupResponse?> HandleAsync(RequestContext context, SyncGroupRequest request, Reply reply) =>
        coordinators.CheckGroup(context, request.GroupId) is var error and not ErrorCode.None
            ? ErrorAnswers.Fail(request, context.ApiVersion, error)
            : await groups.SyncAsync(context, request).ConfigureAwait(false);
}
