using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Transport;

namespace Caudal.Client.Consuming;

/// <summary>One attempt to ask one broker, on the general connection: the loops that use it have retries of their own.</summary>
internal static class BrokerCall
{
    public static async ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        KafkaClient client, int nodeId, TRequest request, CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        if (!client.Pool.TryGet(nodeId, out var node))
            throw new ConnectionException($"Broker {nodeId} is not known.");
        var connection = await node.ConnectAsync(ConnectionPurpose.General, cancellationToken).ConfigureAwait(false);
        var version = connection.Versions.Choose<TRequest, TResponse>();
        return await connection.SendAsync<TRequest, TResponse>(request, version, cancellationToken).ConfigureAwait(false);
    }
}
