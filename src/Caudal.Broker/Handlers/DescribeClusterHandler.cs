// DescribeCluster (60), versions 0-2.
// * One broker, which is the controller, named by the address of the listener that was used.
// * Asked for controllers (endpoint type 2) on a listener of brokers: MISMATCHED_ENDPOINT_TYPE, as in Kafka; other types
//   UNSUPPORTED_ENDPOINT_TYPE.
using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Describes the cluster of one broker.</summary>
internal sealed class DescribeClusterHandler(BrokerIdentity identity) : RequestHandler<DescribeClusterRequest, DescribeClusterResponse>
{
    private const sbyte Brokers = 1;
    private const sbyte Controllers = 2;

    /// <inheritdoc/>
    protected override ValueTask<DescribeClusterResponse?> HandleAsync(RequestContext context, DescribeClusterRequest request, Reply reply)
    {
        if (request.EndpointType != Brokers)
        {
            var error = request.EndpointType == Controllers ? ErrorCode.MismatchedEndpointType : ErrorCode.UnsupportedEndpointType;
            return new(new DescribeClusterResponse
            {
                ErrorCode = (short)error,
                ErrorMessage = $"The request was sent to an endpoint of type BROKER, but wanted an endpoint of type {request.EndpointType}",
                ClusterId = identity.ClusterId,
                EndpointType = request.EndpointType,
            });
        }

        return new(new DescribeClusterResponse
        {
            ClusterId = identity.ClusterId,
            ControllerId = identity.NodeId,
            Brokers =
            [
                new() { BrokerId = identity.NodeId, Host = context.ListenerHost, Port = context.ListenerPort, Rack = identity.Rack },
            ],
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? Operations.Cluster : int.MinValue,
        });
    }
}
