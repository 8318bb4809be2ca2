using Caudal.Broker.Configuration;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;

namespace Caudal.Broker.Nodes;

/// <summary>
/// Which node coordinates a group or a transactional id: the leader of the partition that keeps its records, as in Kafka.
/// </summary>
/// <remarks>
/// Behind the nodes there is one coordinator; this only says who may speak for it. A broker of one node always may, so there the internal
/// topics are created with their first record and not before. Thread safe.
/// </remarks>
internal sealed class Coordinators(ClusterNodes nodes, TopicRegistry topics, InternalTopics internalTopics, ConfigStore configs)
{
    /// <summary>The key type of groups in FindCoordinator.</summary>
    public const sbyte GroupKey = 0;

    /// <summary>The key type of transactional ids in FindCoordinator.</summary>
    public const sbyte TransactionKey = 1;

    /// <summary>Checks that the node which received a request coordinates a group.</summary>
    /// <returns>None, or NOT_COORDINATOR.</returns>
    public ErrorCode CheckGroup(RequestContext context, string groupId) => Check(context, TopicNames.ConsumerOffsets, groupId);

    /// <summary>Checks that the node which received a request coordinates a transactional id.</summary>
    /// <returns>None, or NOT_COORDINATOR.</returns>
    public ErrorCode CheckTransaction(RequestContext context, string transactionalId) =>
        Check(context, TopicNames.TransactionState, transactionalId);

    /// <summary>Checks that the node which received a request leads a partition of an internal topic.</summary>
    public ErrorCode CheckPartition(RequestContext context, string topic, int partition) =>
        nodes.Count == 1 || Leader(topic, partition) == context.NodeId ? ErrorCode.None : ErrorCode.NotCoordinator;

    /// <summary>Finds the coordinator; its topic is created now if there are several nodes to choose from.</summary>
    /// <param name="keyType"><see cref="GroupKey"/> or <see cref="TransactionKey"/>.</param>
    /// <param name="key">The group or the transactional id.</param>
    /// <returns>The node; null while none of those that could is up.</returns>
    public async ValueTask<ClusterNode?> FindAsync(sbyte keyType, string key)
    {
        if (nodes.Count == 1)
            return nodes.All[0];
        var topic = keyType == TransactionKey
            ? await internalTopics.EnsureTransactionsAsync().ConfigureAwait(false)
            : await internalTopics.EnsureOffsetsAsync().ConfigureAwait(false);
        var leader = topic.Placement(GroupCoordinator.PartitionOf(key, topic.Partitions.Length)).Leader;
        return nodes.TryGet(leader, out var node) && node.IsLive ? node : null;
    }

    private ErrorCode Check(RequestContext context, string topicName, string key)
    {
        if (nodes.Count == 1)
            return ErrorCode.None;
        var count = topics.TryGet(topicName, out var topic) ? topic.Partitions.Length : configs.GetInt32(CountOf(topicName));
        return CheckPartition(context, topicName, GroupCoordinator.PartitionOf(key, count));
    }

    private int Leader(string topicName, int partition) =>
        topics.TryGet(topicName, out var topic) && (uint)partition < (uint)topic.Partitions.Length
            ? topic.Placement(partition).Leader
            : PartitionPlacement.NoLeader;

    private static string CountOf(string topicName) =>
        topicName == TopicNames.ConsumerOffsets ? "offsets.topic.num.partitions" : "transaction.state.log.num.partitions";
}
