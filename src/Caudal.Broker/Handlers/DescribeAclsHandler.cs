// DescribeAcls (29), versions 0-3.
// * There is no authorizer: SECURITY_DISABLED, in Kafka's words.
using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Says that there are no rules of access.</summary>
internal sealed class DescribeAclsHandler : RequestHandler<DescribeAclsRequest, DescribeAclsResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<DescribeAclsResponse?> HandleAsync(RequestContext context, DescribeAclsRequest request, Reply reply) =>
        new(new DescribeAclsResponse
        {
            ErrorCode = (short)ErrorCode.SecurityDisabled,
            ErrorMessage = "No Authorizer is configured on the broker",
        });
}
