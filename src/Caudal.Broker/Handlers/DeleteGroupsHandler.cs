// DeleteGroups (42), versions 0-2. Groups with members are NON_EMPTY_GROUP.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Deletes groups and their offsets.</summary>
internal sealed class DeleteGroupsHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<DeleteGroupsRequest, DeleteGroupsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<DeleteGroupsResponse?> HandleAsync(
        RequestContext context, DeleteGroupsRequest request, Reply reply)
    {
        var elsewhere = Array.FindAll(request.GroupsNames, group => coordinators.CheckGroup(context, group) != ErrorCode.None);
        request.GroupsNames = [.. request.GroupsNames.Except(elsewhere, StringComparer.Ordinal)];
        var response = await groups.DeleteAsync(context, request).ConfigureAwait(false);
        response.Results =
        [
            .. response.Results,
            .. elsewhere.Select(group => new DeleteGroupsResponse.DeletableGroupResult
            {
                GroupId = group,
                ErrorCode = (short)ErrorCode.NotCoordinator,
            }),
        ];
        return response;
    }
}
