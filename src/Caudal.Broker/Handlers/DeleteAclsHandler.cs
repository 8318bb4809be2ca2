// DeleteAcls (31), versions 0-3.
// * There is no authorizer: SECURITY_DISABLED for every filter, in Kafka's words.
using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Says that there are no rules of access to remove.</summary>
internal sealed class DeleteAclsHandler : RequestHandler<DeleteAclsRequest, DeleteAclsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<DeleteAclsResponse?> HandleAsync(RequestContext context, DeleteAclsRequest request, Reply reply) =>
        new(new DeleteAclsResponse
        {
            FilterResults = Array.ConvertAll(request.Filters, static _ => new DeleteAclsResponse.DeleteAclsFilterResult
            {
                ErrorCode = (short)ErrorCode.SecurityDisabled,
                ErrorMessage = "No Authorizer is configured.",
            }),
        });
}
