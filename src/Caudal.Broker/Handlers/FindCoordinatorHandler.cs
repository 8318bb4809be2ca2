// FindCoordinator (10), versions 0-6. Always this broker, at once, by the address of the listener that was used.
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Tells which broker coordinates a group: this one.</summary>
internal sealed class FindCoordinatorHandler(GroupCoordinator groups) : RequestHandler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<FindCoordinatorResponse?> HandleAsync(
        RequestContext context, FindCoordinatorRequest request, Reply reply) => new(groups.FindCoordinator(context, request));
}
