// OffsetFetch (9), versions 1-10. All partitions of a group from version 2, several groups from version 8, by topic id in version 10.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Tells how far groups have come.</summary>
internal sealed class OffsetFetchHandler(GroupCoordinator groups) : RequestHandler<OffsetFetchRequest, OffsetFetchResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<OffsetFetchResponse?> HandleAsync(RequestContext context, OffsetFetchRequest request, Reply reply) =>
        new(groups.FetchOffsets(context, request));
}
