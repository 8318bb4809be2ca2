// ListGroups (16), versions 0-5. The groups that the node coordinates: clients ask all of them.
// Filters by state from version 4, by type from version 5.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Lists the groups.</summary>
internal sealed class ListGroupsHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<ListGroupsRequest, ListGroupsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<ListGroupsResponse?> HandleAsync(RequestContext context, ListGroupsRequest request, Reply reply)
    {
        var response = groups.List(context, request);
        response.Groups = Array.FindAll(response.Groups, group => coordinators.CheckGroup(context, group.GroupId) == ErrorCode.None);
        return new(response);
    }
}
