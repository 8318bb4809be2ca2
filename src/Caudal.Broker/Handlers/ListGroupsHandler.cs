// ListGroups (16), versions 0-5. Filters by state from version 4, by type from version 5.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Lists the groups.</summary>
internal sealed class ListGroupsHandler(GroupCoordinator groups) : RequestHandler<ListGroupsRequest, ListGroupsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<ListGroupsResponse?> HandleAsync(RequestContext context, ListGroupsRequest request, Reply reply) =>
        new(groups.List(context, request));
}
