using System.Diagnostics.CodeAnalysis;

namespace Caudal.Broker.Nodes;

/// <summary>The brokers that the process poses as: one by default, more as virtual nodes over the same logs. Thread safe.</summary>
internal sealed class ClusterNodes
{
    private readonly ClusterNode[] _all;

    /// <summary>Makes nodes with consecutive ids.</summary>
    /// <param name="firstId">The id of the first.</param>
    /// <param name="count">How many, at least one.</param>
    /// <param name="rack">The rack of each by its index from 0 on; none by default.</param>
    public ClusterNodes(int firstId, int count, Func<int, string?>? rack = null) =>
        _all = [.. Enumerable.Range(0, count).Select(index => new ClusterNode(firstId + index, rack?.Invoke(index)))];

    /// <summary>All nodes by their ids, those that were stopped included.</summary>
    public IReadOnlyList<ClusterNode> All => _all;

    /// <summary>How many nodes there are.</summary>
    public int Count => _all.Length;

    /// <summary>The nodes that are up, by their ids.</summary>
    public IEnumerable<ClusterNode> Live => _all.Where(node => node.IsLive);

    /// <summary>The node that clients send changes to: the first that is up, rather one that answers than a paused one.</summary>
    public int ControllerId =>
        (_all.FirstOrDefault(node => node.IsLive && !node.IsPaused) ?? _all.FirstOrDefault(node => node.IsLive))?.Id ?? -1;

    /// <summary>Whether there is a node of that id and it is up.</summary>
    public bool IsLive(int id) => TryGet(id, out var node) && node.IsLive;

    /// <summary>Those of the given nodes that are not up.</summary>
    public int[] Offline(int[] ids)
    {
        foreach (var id in ids)
        {
            if (!IsLive(id))
                return Array.FindAll(ids, other => !IsLive(other));
        }

        return [];
    }

    /// <summary>Finds a node by its id.</summary>
    public bool TryGet(int id, [NotNullWhen(true)] out ClusterNode? node)
    {
        var index = (uint)(id - _all[0].Id);
        node = index < (uint)_all.Length ? _all[index] : null;
        return node is not null;
    }
}
