// OffsetFetch (9), versions 1-10. All partitions of a group from version 2, several groups from version 8, by topic id in version 10.
using Caudal.Broker.Answers;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Tells how far groups have come.</summary>
internal sealed class OffsetFetchHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<OffsetFetchRequest, OffsetFetchResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<OffsetFetchResponse?> HandleAsync(RequestContext context, OffsetFetchRequest request, Reply reply)
    {
        if (context.ApiVersion < 8)
        {
            return new(coordinators.CheckGroup(context, request.GroupId) is var error and not ErrorCode.None
                ? ErrorAnswers.Fail(request, context.ApiVersion, error)
                : groups.FetchOffsets(context, request));
        }

        var response = groups.FetchOffsets(context, request);
        for (var i = 0; i < response.Groups.Length; i++)
        {
            if (coordinators.CheckGroup(context, request.Groups[i].GroupId) is var fault and not ErrorCode.None)
                response.Groups[i] = ErrorAnswers.Fail(request.Groups[i], fault);
        }

        return new(response);
    }
}
