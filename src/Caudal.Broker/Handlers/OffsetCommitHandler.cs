// OffsetCommit (8), versions 1-10 (version 0 wrote to ZooKeeper). By topic id in version 10. The rules are the coordinator's.
using Caudal.Broker.Answers;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Stores how far groups have come.</summary>
internal sealed class OffsetCommitHandler(GroupCoordinator groups, Coordinators coordinators)
    : RequestHandler<OffsetCommitRequest, OffsetCommitResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<OffsetCommitResponse?> HandleAsync(
        RequestContext context, OffsetCommitRequest request, Reply reply) =>
        coordinators.CheckGroup(context, request.GroupId) is var error and not ErrorCode.None
            ? ErrorAnswers.Fail(request, context.ApiVersion, error)
            : await groups.CommitAsync(context, request).ConfigureAwait(false);
}
