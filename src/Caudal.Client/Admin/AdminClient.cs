using Caudal.Client.Connections;
using Caudal.Protocol;

namespace Caudal.Client;

/// <summary>Administers a cluster: topics, settings, groups, offsets.</summary>
/// <remarks>
/// Thread safe. Kafka's administration is never all or nothing, so results come item by item; an exception means that the whole call
/// failed: no broker could be
/// asked within <see cref="KafkaClientOptions.ApiTimeout"/>, or the brokers do not support it. Errors that may pass are retried within that
/// time.
/// </remarks>
public sealed partial class AdminClient
{
    private readonly KafkaClient _client;

    internal AdminClient(KafkaClient client) => _client = client;

    private int TimeoutMs => (int)_client.Options.RequestTimeout.TotalMilliseconds;

    /// <summary>Describes the cluster.</summary>
    public async ValueTask<ClusterDescription> DescribeClusterAsync(CancellationToken cancellationToken = default)
    {
        await _client.Metadata.RefreshAsync(null, cancellationToken).ConfigureAwait(false);
        var known = _client.Metadata.Current;
        var brokers = known.Brokers.OrderBy(broker => broker.Id).Select(
            broker => new BrokerDescription(broker.Id, broker.Host, broker.Port, broker.Rack));
        return new ClusterDescription(known.ClusterId ?? "", known.ControllerId, [.. brokers]);
    }

    private ValueTask<TResponse> SendAsync<TRequest, TResponse>(BrokerTarget target, TRequest request, CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse> =>
        _client.SendAsync<TRequest, TResponse>(target, request, cancellationToken);

    private async ValueTask<TResponse> SendToCoordinatorAsync<TRequest, TResponse>(
        string group,
        Func<short, TRequest> build,
        Func<TResponse, ErrorCode> error,
        CancellationToken cancellationToken,
        short? maxVersion = null)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        try
        {
            var response = await _client.Router.SendAsync<TRequest, TResponse>(
                BrokerTarget.Coordinator(group),
                build,
                new RequestOptions { MaxVersion = maxVersion },
                cancellationToken).ConfigureAwait(false);
            if (error(response) is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
                _client.Coordinators.Forget(group);
            return response;
        }
        catch (KafkaException e) when (e.IsRetriable)
        {
            _client.Coordinators.Forget(group);
            throw;
        }
    }
}
