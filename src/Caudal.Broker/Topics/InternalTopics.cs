using System.Globalization;
using Caudal.Broker.Configuration;
using Caudal.Broker.Nodes;
using Caudal.Protocol;

namespace Caudal.Broker.Topics;

/// <summary>
/// Creates topics that nobody created by request: those that a client's metadata request names, and the broker's own at their first use.
/// </summary>
internal sealed class InternalTopics(TopicRegistry topics, ConfigStore configs, ClusterNodes nodes)
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>Creates a topic with the broker's defaults; a topic that exists meanwhile is a success.</summary>
    public async ValueTask<TopicOutcome> AutoCreateAsync(string name)
    {
        if (name == TopicNames.ConsumerOffsets)
            return new TopicOutcome(ErrorCode.None, null, await EnsureOffsetsAsync().ConfigureAwait(false));
        if (TopicNames.IsInternal(name))
            return TopicOutcome.Refuse(ErrorCode.UnknownTopicOrPartition, $"The topic '{name}' does not exist.");
        return Existing(await topics.CreateAsync(name, -1, None, validateOnly: false).ConfigureAwait(false));
    }

    /// <summary>The topic of the groups' offsets, created now if it does not exist yet.</summary>
    public async ValueTask<Topic> EnsureOffsetsAsync()
    {
        if (topics.TryGet(TopicNames.ConsumerOffsets, out var topic))
            return topic;
        var settings = new Dictionary<string, string>
        {
            ["cleanup.policy"] = "compact",
            ["compression.type"] = "producer",
            ["segment.bytes"] = configs.GetInt32("offsets.topic.segment.bytes").ToString(CultureInfo.InvariantCulture),
        };
        var outcome = await topics.CreateAsync(
            TopicNames.ConsumerOffsets,
            configs.GetInt32("offsets.topic.num.partitions"),
            settings,
            validateOnly: false,
            Math.Min(configs.GetInt32("offsets.topic.replication.factor"), nodes.Count))
            .ConfigureAwait(false);
        return Existing(outcome).Topic
            ?? throw new BrokerException($"The topic {TopicNames.ConsumerOffsets} cannot be created: {outcome.Message}");
    }

    /// <summary>The topic of the transactions, created now if it does not exist yet.</summary>
    public async ValueTask<Topic> EnsureTransactionsAsync()
    {
        if (topics.TryGet(TopicNames.TransactionState, out var topic))
            return topic;
        var settings = new Dictionary<string, string>
        {
            ["cleanup.policy"] = "compact",
            ["compression.type"] = "uncompressed",
            ["min.insync.replicas"] = configs.GetInt32("transaction.state.log.min.isr").ToString(CultureInfo.InvariantCulture),
            ["segment.bytes"] = configs.GetInt32("transaction.state.log.segment.bytes").ToString(CultureInfo.InvariantCulture),
            ["unclean.leader.election.enable"] = "false",
        };
        var outcome = await topics.CreateAsync(
            TopicNames.TransactionState,
            configs.GetInt32("transaction.state.log.num.partitions"),
            settings,
            validateOnly: false,
            Math.Min(configs.GetInt32("transaction.state.log.replication.factor"), nodes.Count))
            .ConfigureAwait(false);
        return Existing(outcome).Topic
            ?? throw new BrokerException($"The topic {TopicNames.TransactionState} cannot be created: {outcome.Message}");
    }

    private static TopicOutcome Existing(TopicOutcome outcome) =>
        outcome is { Error: ErrorCode.TopicAlreadyExists, Topic: not null }
            ? outcome with { Error = ErrorCode.None, Message = null }
            : outcome;
}
