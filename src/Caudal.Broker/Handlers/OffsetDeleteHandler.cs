// OffsetDelete (47), version 0.
// * Topics that members of the group are subscribed to: GROUP_SUBSCRIBED_TO_TOPIC. Groups with members that are no consumers:
//   NON_EMPTY_GROUP. Groups that do not exist: GROUP_ID_NOT_FOUND. A partition without an offset is no error.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Deletes committed offsets.</summary>
internal sealed class OffsetDeleteHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<OffsetDeleteRequest, OffsetDeleteResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<OffsetDeleteResponse?> HandleAsync(
        RequestContext context, OffsetDeleteRequest request, Reply reply) =>
        coordinators.CheckGroup(context, request.GroupId) is var elsewhere and not ErrorCode.None
            ? new OffsetDeleteResponse { ErrorCode = (short)elsewhere }
            : await groups.DeleteOffsetsAsync(context, request).ConfigureAwait(false);
}
