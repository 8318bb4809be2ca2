using Caudal.Client.Connections;
using Caudal.Protocol;
using Caudal.Transport;

namespace Caudal.Client.Groups;

/// <summary>
/// A member's own connection to its group's coordinator: a join that waits for others must not hold up anybody else's heartbeats.
/// </summary>
internal sealed class GroupCoordinator(KafkaClient client, string group)
{
    private BrokerAddress? _address;
    private ConnectionSlot? _slot;

    /// <summary>Sends one request.</summary>
    /// <exception cref="ConnectionException">The coordinator could not be reached, or the connection broke.</exception>
    public async ValueTask<TResponse> SendAsync<TRequest, TResponse>(
        TRequest request, TimeSpan timeout, CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        try
        {
            var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            var version = connection.Versions.Choose<TRequest, TResponse>();
            return await connection.SendAsync<TRequest, TResponse>(request, version, cancellationToken, timeout).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionException or KafkaTimeoutException)
        {
            Forget();
            throw;
        }
    }

    /// <summary>The version of an API that the coordinator's connection speaks.</summary>
    public async ValueTask<short> VersionAsync<TRequest, TResponse>(CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse> =>
        (await ConnectAsync(cancellationToken).ConfigureAwait(false)).Versions.Choose<TRequest, TResponse>();

    /// <summary>Looks the coordinator up again next time.</summary>
    public void Forget() => client.Coordinators.Forget(group);

    /// <summary>Cuts the connection: a join that is under way ends at once.</summary>
    public void Abort() => _slot?.Abort(new ClientClosedException($"The member left group '{group}'."));

    private async ValueTask<BrokerConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var node = await client.Coordinators.FindAsync(group, cancellationToken).ConfigureAwait(false);
        if (_slot is null || !node.Address.IsSamePlace(_address!))
        {
            _slot?.Abort(new ConnectionException($"The coordinator of group '{group}' moved to {node.Address}."));
            _address = node.Address;
            _slot = new ConnectionSlot(node.Address, client.Options, client.Closed);
        }

        return await _slot.GetAsync(cancellationToken).ConfigureAwait(false);
    }
}
