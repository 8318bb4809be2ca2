// CreateAcls (30), versions 0-3.
// * There is no authorizer: SECURITY_DISABLED for every rule, in Kafka's words.
using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Refuses rules of access, which nobody would keep.</summary>
internal sealed class CreateAclsHandler : RequestHandler<CreateAclsRequest, CreateAclsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<CreateAclsResponse?> HandleAsync(RequestContext context, CreateAclsRequest request, Reply reply) =>
        new(new CreateAclsResponse
        {
            Results = Array.ConvertAll(request.Creations, static _ => new CreateAclsResponse.AclCreationResult
            {
                ErrorCode = (short)ErrorCode.SecurityDisabled,
                ErrorMessage = "No Authorizer is configured.",
            }),
        });
}
