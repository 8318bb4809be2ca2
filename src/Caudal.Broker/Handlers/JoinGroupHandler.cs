// JoinGroup (11), versions 0-9. Waits until all members have joined or the rebalance timeout has passed.
using Caudal.Broker.Answers;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Makes a consumer a member of a group.</summary>
internal sealed class JoinGroupHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<JoinGroupRequest, JoinGroupResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<JoinGroupResponse?> HandleAsync(RequestContext context, JoinGroupRequest request, Reply reply) =>
        coordinators.CheckGroup(context, request.GroupId) is var error and not ErrorCode.None
            ? ErrorAnswers.Fail(request, context.ApiVersion, error)
            : await groups.JoinAsync(context, request).ConfigureAwait(false);
}
