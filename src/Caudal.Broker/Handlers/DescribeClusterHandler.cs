// DescribeCluster (60), versions 0-2.
// * The nodes that are up (version 2, if asked: those that were stopped too, as fenced), by the addresses of the listeners used. One of
//   them is the controller.
// * Asked for controllers (endpoint type 2) on a listener of brokers: MISMATCHED_ENDPOINT_TYPE, as in Kafka; other types
//   UNSUPPORTED_ENDPOINT_TYPE.
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Describes the cluster.</summary>
internal sealed class DescribeClusterHandler(BrokerIdentity identity, ClusterNodes nodes)
    : RequestHandler<DescribeClusterRequest, DescribeClusterResponse>
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
            ControllerId = nodes.ControllerId,
            Brokers = [.. nodes.All.Where(node => node.IsLive || request.IncludeFencedBrokers).Select(node =>
                new DescribeClusterResponse.DescribeClusterBroker
                {
                    BrokerId = node.Id,
                    Host = node.Endpoint.Host,
                    Port = node.Endpoint.Port,
                    Rack = node.Rack,
                    IsFenced = !node.IsLive,
                })],
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? Operations.Cluster : int.MinValue,
        });
    }
}
