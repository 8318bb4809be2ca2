using System.Collections.Concurrent;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Connections;

/// <summary>Which broker coordinates which group; asked for on demand and kept until somebody finds it wrong. Thread safe.</summary>
internal sealed class CoordinatorCache(BrokerPool pool)
{
    private const sbyte GroupKeyType = 0;

    private readonly ConcurrentDictionary<string, BrokerNode> _known = new();

    /// <summary>Forgets a group's coordinator: it answered NOT_COORDINATOR, or cannot be reached.</summary>
    public void Forget(string group) => _known.TryRemove(group, out _);

    /// <summary>Finds a group's coordinator.</summary>
    /// <exception cref="BrokerErrorException">The brokers refuse to say, e.g. COORDINATOR_NOT_AVAILABLE while they start.</exception>
    public async ValueTask<BrokerNode> FindAsync(string group, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(group, out var known))
            return known;
        var connection = await pool.ConnectAnyAsync(cancellationToken).ConfigureAwait(false);
        var version = connection.Versions.Choose<FindCoordinatorRequest, FindCoordinatorResponse>();
        var request = version >= 4
            ? new FindCoordinatorRequest { KeyType = GroupKeyType, CoordinatorKeys = [group] }
            : new FindCoordinatorRequest { KeyType = GroupKeyType, Key = group };
        var response = await connection.SendAsync<FindCoordinatorRequest, FindCoordinatorResponse>(
            request, version, cancellationToken).ConfigureAwait(false);
        var node = pool.Learn(Read(group, version, response));
        _known[group] = node;
        return node;
    }

    private static BrokerAddress Read(string group, short version, FindCoordinatorResponse response)
    {
        if (version < 4)
        {
            Check(group, response.ErrorCode, response.ErrorMessage);
            return new BrokerAddress(response.NodeId, response.Host, response.Port);
        }

        var found = Array.Find(response.Coordinators, coordinator => coordinator.Key == group)
            ?? throw new ProtocolException($"The response to FindCoordinator does not speak of group '{group}'.");
        Check(group, found.ErrorCode, found.ErrorMessage);
        return new BrokerAddress(found.NodeId, found.Host, found.Port);
    }

    private static void Check(string group, short error, string? message)
    {
        if ((ErrorCode)error != ErrorCode.None)
            throw new BrokerErrorException((ErrorCode)error, $"Finding the coordinator of group '{group}' failed", message);
    }
}
