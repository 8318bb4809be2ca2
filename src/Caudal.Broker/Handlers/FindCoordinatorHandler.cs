// FindCoordinator (10), versions 0-6.
// * The node that leads the key's partition of __consumer_offsets or __transaction_state, by its address on the listener that was used. Of
//   a broker of one node that one, at once. While none of those that could is up: COORDINATOR_NOT_AVAILABLE.
// * Coordinators of share groups (key type 2) are not served: INVALID_REQUEST.
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Coordinator = Caudal.Protocol.Messages.FindCoordinatorResponse.Coordinator;

namespace Caudal.Broker.Handlers;

/// <summary>Tells which node coordinates a group or a transactional id.</summary>
internal sealed class FindCoordinatorHandler(Coordinators coordinators) : RequestHandler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<FindCoordinatorResponse?> HandleAsync(
        RequestContext context, FindCoordinatorRequest request, Reply reply)
    {
        if (context.ApiVersion >= 4)
        {
            var found = new List<Coordinator>(request.CoordinatorKeys.Length);
            foreach (var key in request.CoordinatorKeys)
                found.Add(await FindAsync(request.KeyType, key).ConfigureAwait(false));
            return new FindCoordinatorResponse { Coordinators = [.. found] };
        }

        var only = await FindAsync(request.KeyType, request.Key).ConfigureAwait(false);
        return new FindCoordinatorResponse
        {
            ErrorCode = only.ErrorCode,
            ErrorMessage = only.ErrorMessage,
            NodeId = only.NodeId,
            Host = only.Host,
            Port = only.Port,
        };
    }

    private async ValueTask<Coordinator> FindAsync(sbyte keyType, string key)
    {
        if (keyType is not (Coordinators.GroupKey or Coordinators.TransactionKey))
            return None(key, ErrorCode.InvalidRequest, $"Coordinators of key type {keyType} are not served by this broker.");
        return await coordinators.FindAsync(keyType, key).ConfigureAwait(false) is { } node
            ? new Coordinator { Key = key, NodeId = node.Id, Host = node.Endpoint.Host, Port = node.Endpoint.Port }
            : None(key, ErrorCode.CoordinatorNotAvailable, "The coordinator is not available.");
    }

    private static Coordinator None(string key, ErrorCode error, string message) =>
        new() { Key = key, NodeId = -1, Host = "", Port = -1, ErrorCode = (short)error, ErrorMessage = message };
}
