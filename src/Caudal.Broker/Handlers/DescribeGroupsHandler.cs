// DescribeGroups (15), versions 0-6. A group that does not exist is Dead up to version 5, GROUP_ID_NOT_FOUND from version 6 on.
using Caudal.Broker.Answers;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Describes groups and their members.</summary>
internal sealed class DescribeGroupsHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<DescribeGroupsRequest, DescribeGroupsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<DescribeGroupsResponse?> HandleAsync(RequestContext context, DescribeGroupsRequest request, Reply reply)
    {
        var response = groups.Describe(context, request);
        for (var i = 0; i < response.Groups.Length; i++)
        {
            if (coordinators.CheckGroup(context, request.Groups[i]) is var error and not ErrorCode.None)
                response.Groups[i] = ErrorAnswers.Fail(request.Groups[i], error);
        }

        return new(response);
    }
}
