// DescribeGroups (15), versions 0-6. A group that does not exist is Dead up to version 5, GROUP_ID_NOT_FOUND from version 6 on.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Describes groups and their members.</summary>
internal sealed class DescribeGroupsHandler(GroupCoordinator groups) : RequestHandler<DescribeGroupsRequest, DescribeGroupsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<DescribeGroupsResponse?> HandleAsync(RequestContext context, DescribeGroupsRequest request, Reply reply) =>
        new(groups.Describe(context, request));
}
