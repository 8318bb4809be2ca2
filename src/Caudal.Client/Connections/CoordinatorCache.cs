using System.Collections.Concurrent;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Connections;

/// <summary>
/// Which broker coordinates which group or transactional id; asked for on demand and kept until somebody finds it wrong. Thread safe.
/// </summary>
internal sealed class CoordinatorCache(BrokerPool pool)
{
    private readonly ConcurrentDictionary<(CoordinatorKind Kind, string Key), BrokerNode> _known = new();

    /// <summary>Forgets a group's coordinator: it answered NOT_COORDINATOR, or cannot be reached.</summary>
    public void Forget(string group) => Forget(CoordinatorKind.Group, group);

    /// <summary>Forgets a coordinator: it answered NOT_COORDINATOR, or cannot be reached.</summary>
    public void Forget(CoordinatorKind kind, string key) => _known.TryRemove((kind, key), out _);

    /// <summary>Finds a group's coordinator.</summary>
    /// <exception cref="BrokerErrorException">The brokers refuse to say, e.g. COORDINATOR_NOT_AVAILABLE while they start.</exception>
    public ValueTask<BrokerNode> FindAsync(string group, CancellationToken cancellationToken) =>
        FindAsync(CoordinatorKind.Group, group, cancellationToken);

    /// <summary>Finds the coordinator of a group or a transactional id.</summary>
    /// <exception cref="BrokerErrorException">The brokers refuse to say, e.g. COORDINATOR_NOT_AVAILABLE while they start.</exception>
    public async ValueTask<BrokerNode> FindAsync(CoordinatorKind kind, string key, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue((kind, key), out var known))
            return known;
        var connection = await pool.ConnectAnyAsync(cancellationToken).ConfigureAwait(false);
        var version = connection.Versions.Choose<FindCoordinatorRequest, FindCoordinatorResponse>();
        var request = version >= 4
            ? new FindCoordinatorRequest { KeyType = (sbyte)kind, CoordinatorKeys = [key] }
            : new FindCoordinatorRequest { KeyType = (sbyte)kind, Key = key };
        var response = await connection.SendAsync<FindCoordinatorRequest, FindCoordinatorResponse>(
            request, version, cancellationToken).ConfigureAwait(false);
        var node = pool.Learn(Read(kind, key, version, response));
        _known[(kind, key)] = node;
        return node;
    }

    private static BrokerAddress Read(CoordinatorKind kind, string key, short version, FindCoordinatorResponse response)
    {
        if (version < 4)
        {
            Check(kind, key, response.ErrorCode, response.ErrorMessage);
            return new BrokerAddress(response.NodeId, response.Host, response.Port);
        }

        var found = Array.Find(response.Coordinators, coordinator => coordinator.Key == key)
            ?? throw new ProtocolException($"The response to FindCoordinator does not speak of {Name(kind, key)}.");
        Check(kind, key, found.ErrorCode, found.ErrorMessage);
        return new BrokerAddress(found.NodeId, found.Host, found.Port);
    }

    private static void Check(CoordinatorKind kind, string key, short error, string? message)
    {
        if ((ErrorCode)error != ErrorCode.None)
            throw new BrokerErrorException((ErrorCode)error, $"Finding the coordinator of {Name(kind, key)} failed", message);
    }

    private static string Name(CoordinatorKind kind, string key) =>
        kind == CoordinatorKind.Group ? $"group '{key}'" : $"transactional id '{key}'";
}
