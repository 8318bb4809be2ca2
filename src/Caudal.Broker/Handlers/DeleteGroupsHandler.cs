// DeleteGroups (42), versions 0-2. Groups with members are NON_EMPTY_GROUP.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Deletes groups and their offsets.</summary>
internal sealed class DeleteGroupsHandler(GroupCoordinator groups) : RequestHandler<DeleteGroupsRequest, DeleteGroupsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<DeleteGroupsResponse?> HandleAsync(
        RequestContext context, DeleteGroupsRequest request, Reply reply) =>
        await groups.DeleteAsync(context, request).ConfigureAwait(false);
}
