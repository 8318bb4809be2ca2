using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Storage;

namespace Caudal.Broker.Topics;

/// <summary>A topic as the handlers see it: its name, its id, its settings and the logs of its partitions.</summary>
/// <remarks>Thread safe: what changes is replaced as a whole by the <see cref="TopicRegistry"/>.</remarks>
internal sealed class Topic
{
    private volatile IReadOnlyDictionary<string, string> _configs;
    private volatile PartitionLog[] _partitions;
    private volatile PartitionPlacement[] _placements = [];
    private volatile StoredCompression? _compression;

    /// <summary>Creates the view of a topic whose logs exist.</summary>
    public Topic(
        string name, Uuid id, IReadOnlyDictionary<string, string> configs, PartitionLog[] partitions, StoredCompression? compression)
    {
        Name = name;
        Id = id;
        IsInternal = TopicNames.IsInternal(name);
        _configs = configs;
        _partitions = partitions;
        _compression = compression;
    }

    /// <summary>The topic's name.</summary>
    public string Name { get; }

    /// <summary>The topic's id: another one when the topic is deleted and created again.</summary>
    public Uuid Id { get; }

    /// <summary>Whether the topic is the broker's own.</summary>
    public bool IsInternal { get; }

    /// <summary>The settings that the topic has of its own.</summary>
    public IReadOnlyDictionary<string, string> Configs
    {
        get => _configs;
        internal set => _configs = value;
    }

    /// <summary>The codec that batches are stored with; null to keep what producers send.</summary>
    public StoredCompression? Compression
    {
        get => _compression;
        internal set => _compression = value;
    }

    /// <summary>The logs, by partition number.</summary>
    public PartitionLog[] Partitions
    {
        get => _partitions;
        internal set => _partitions = value;
    }

    /// <summary>Where the partitions live, by their numbers; never fewer than <see cref="Partitions"/>.</summary>
    public PartitionPlacement[] Placements
    {
        get => _placements;
        internal set => _placements = value;
    }

    /// <summary>How many replicas must be in sync for acks=all (<c>min.insync.replicas</c>).</summary>
    public int MinInSync { get; internal set; } = 1;

    /// <summary>Where a partition that exists lives.</summary>
    public PartitionPlacement Placement(int number) => _placements[number];

    /// <summary>Checks that a partition which exists may be used through a node, by a client that may say which leader it knows.</summary>
    /// <param name="number">The partition's number.</param>
    /// <param name="context">The request, and with it the node that received it.</param>
    /// <param name="knownEpoch">The leader epoch that the client knows; negative if it does not say (KIP-320).</param>
    /// <returns>
    /// NOT_LEADER_OR_FOLLOWER on a node that does not lead; FENCED_LEADER_EPOCH for a client whose metadata is old, UNKNOWN_LEADER_EPOCH
    /// for one that is ahead. The epochs are compared first where the node holds the partition, as in Kafka. Faults on purpose come before.
    /// </returns>
    public ErrorCode CheckLeader(int number, RequestContext context, int knownEpoch = -1) =>
        Check(number, context, knownEpoch, followersServe: false);

    /// <summary>Checks the same for reading, which replicas that do not lead serve too.</summary>
    /// <inheritdoc cref="CheckLeader"/>
    public ErrorCode CheckReplica(int number, RequestContext context, int knownEpoch) =>
        Check(number, context, knownEpoch, followersServe: true);

    /// <summary>Finds the log of a partition; null if the topic has no such partition.</summary>
    public PartitionLog? Partition(int number)
    {
        var partitions = _partitions;
        return (uint)number < (uint)partitions.Length ? partitions[number] : null;
    }

    private ErrorCode Check(int number, RequestContext context, int knownEpoch, bool followersServe)
    {
        if (context.Faults?.ErrorFor(Name, number) is { } fault and not ErrorCode.None)
            return fault;
        var nodeId = context.NodeId;
        var placement = _placements[number];
        var holds = placement.Leader == nodeId || Array.IndexOf(placement.Replicas, nodeId) >= 0;
        var serves = followersServe ? holds : placement.Leader == nodeId;
        if (knownEpoch < 0 || !holds)
            return serves ? ErrorCode.None : ErrorCode.NotLeaderOrFollower;
        var epoch = _partitions[number].LeaderEpoch;
        return knownEpoch < epoch ? ErrorCode.FencedLeaderEpoch
            : knownEpoch > epoch ? ErrorCode.UnknownLeaderEpoch
            : serves ? ErrorCode.None
            : ErrorCode.NotLeaderOrFollower;
    }
}

/// <summary>What became of a change to a topic.</summary>
/// <param name="Error">None, or why it was refused.</param>
/// <param name="Message">The reason in words.</param>
/// <param name="Topic">The topic, when it exists.</param>
internal readonly record struct TopicOutcome(ErrorCode Error, string? Message, Topic? Topic)
{
    /// <summary>How many nodes hold each partition of a topic that was created.</summary>
    public int ReplicationFactor { get; init; }

    /// <summary>A refusal.</summary>
    public static TopicOutcome Refuse(ErrorCode error, string message) => new(error, message, null);
}
