using Caudal.Broker.Admin;
using Caudal.Broker.Configuration;
using Caudal.Broker.Fetching;
using Caudal.Broker.Groups;
using Caudal.Broker.Handlers;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Releases;
using Caudal.Broker.StateLogs;
using Caudal.Broker.Topics;
using Caudal.Broker.Transactions;
using Caudal.Storage;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker;

/// <summary>Everything of the broker behind its listeners: the store, the topics, and the handlers over them.</summary>
internal sealed partial class BrokerCore : IAsyncDisposable
{
    private readonly LogStore _store;
    private readonly MetadataJournal _journal;
    private readonly TopicRegistry _topics;
    private readonly ProducerIds _producerIds;
    private readonly GroupCoordinator _groups;
    private readonly KafkaRelease? _release;
    private readonly TransactionPartitions _transactionPartitions;
    private readonly TransactionCoordinator _transactions;

    private BrokerCore(
        LogStore store,
        MetadataJournal journal,
        TopicRegistry topics,
        ClusterNodes nodes,
        ConfigStore configs,
        EmbeddedBrokerOptions options)
    {
        Nodes = nodes;
        _store = store;
        _journal = journal;
        _topics = topics;
        _producerIds = new ProducerIds(topics);
        _release = options.ActAs is { } release ? KafkaRelease.Find(release) : null;
        _features = new Features(journal.Image.Features, _release);
        Identity = new BrokerIdentity(NodeIdOf(options, configs), store.ClusterId);
        var internalTopics = new InternalTopics(topics, configs, nodes);
        _groups = MakeCoordinator(internalTopics, configs, options);
        _transactionPartitions = new TransactionPartitions(topics, _groups);
        _transactions = MakeTransactions(internalTopics, _transactionPartitions, configs, options);
        topics.InternalLeaderChanged = OnInternalLeaderChanged;
        topics.Deleted = topic => _groups.OnTopicDeletedAsync(topic.Name);
        Dispatcher = new RequestDispatcher(
            MakeHandlers(internalTopics, configs, options.TimeProvider),
            new BrokerFaults(options.TimeProvider, id => topics.TryGet(id, out var topic) ? topic.Name : null),
            _release);
        Meter = MakeMeter(options.TimeProvider);
    }

    /// <summary>Who the broker is.</summary>
    public BrokerIdentity Identity { get; }

    /// <summary>The nodes that it poses as.</summary>
    public ClusterNodes Nodes { get; }

    /// <summary>Finds the handlers.</summary>
    public RequestDispatcher Dispatcher { get; }

    /// <summary>Opens the data directory, if there is one, and takes in what it holds.</summary>
    public static async ValueTask<BrokerCore> OpenAsync(
        EmbeddedBrokerOptions options, ConfigStore configs, CancellationToken cancellationToken)
    {
        // 1. The topics' settings, which the store needs to open the logs.
        var journal = MetadataJournal.Read(options.Directory);
        configs.Dynamic = journal.Image.Dynamic;
        configs.DynamicDefault = journal.Image.DynamicDefault;
        LogStore? store = null;
        BrokerCore? core = null;
        try
        {
            // 2. The logs; from here on the directory is locked.
            store = await LogStore.OpenAsync(StoreOptions(options, configs, journal.Image), cancellationToken).ConfigureAwait(false);
            // 3. The journal again, for changes.
            journal.StartWriting();
            var nodes = new ClusterNodes(NodeIdOf(options, configs), options.Nodes, Racks(options, configs));
            var topics = new TopicRegistry(journal, store, configs, nodes);
            await topics.LoadAsync(options.LoggerFactory.CreateLogger<TopicRegistry>()).ConfigureAwait(false);
            // 4. The groups and the transactions, from the logs of their topics.
            core = new BrokerCore(store, journal, topics, nodes, configs, options);
            await core._groups.StartAsync(cancellationToken).ConfigureAwait(false);
            await core._transactions.StartAsync(cancellationToken).ConfigureAwait(false);
            return core;
        }
        catch
        {
            // The whole process knows a meter: one that is not disposed would keep the broker in memory.
            core?.Meter.Dispose();
            journal.Dispose();
            if (store is not null)
                await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Meter.Dispose();
        // First who writes markers through the other.
        await _transactions.DisposeAsync().ConfigureAwait(false);
        await _groups.DisposeAsync().ConfigureAwait(false);
        _producerIds.Dispose();
        _topics.Dispose();
        _journal.Dispose();
        await _store.DisposeAsync().ConfigureAwait(false);
    }

    private void OnInternalLeaderChanged(Topic topic, int partition)
    {
        if (topic.Name == TopicNames.ConsumerOffsets)
            _groups.OnPartitionMoved(partition);
    }

    private static Func<int, string?> Racks(EmbeddedBrokerOptions options, ConfigStore configs)
    {
        var common = configs.Get("broker.rack");
        return index => options.Racks.Count > 0 ? options.Racks[index] : common;
    }

    // node.id is the name of today; scripts for older Kafkas say broker.id, and -1 there meant "choose one".
    private static int NodeIdOf(EmbeddedBrokerOptions options, ConfigStore configs)
    {
        var older = options.Config.ContainsKey("node.id") ? -1 : configs.GetInt32("broker.id");
        return older >= 0 ? older : configs.GetInt32("node.id");
    }

    private static LogStoreOptions StoreOptions(EmbeddedBrokerOptions options, ConfigStore configs, MetadataImage image)
    {
        var overrides = image.Topics.Values.ToDictionary(t => t.Name, t => t.Configs, StringComparer.Ordinal);
        return new LogStoreOptions
        {
            Directory = options.Directory,
            Durability = options.Directory is null ? Durability.Memory : options.Durability,
            FlushInterval = options.FlushInterval,
            NodeId = NodeIdOf(options, configs),
            ConfigOf = topic => TopicLogConfig.Make(configs, overrides.GetValueOrDefault(topic) ?? new Dictionary<string, string>()),
            RetentionInterval = TimeSpan.FromMilliseconds(configs.GetInt64("log.retention.check.interval.ms")),
            CompactionInterval = configs.GetBoolean("log.cleaner.enable")
                ? TimeSpan.FromMilliseconds(configs.GetInt64("log.cleaner.backoff.ms"))
                : null,
            CompactionBufferBytes = configs.GetInt64("log.cleaner.dedupe.buffer.size"),
            CompactionBytesPerSecond = () => configs.GetDouble("log.cleaner.io.max.bytes.per.second"),
            ProducerExpiration = TimeSpan.FromMilliseconds(configs.GetInt64("producer.id.expiration.ms")),
            TimeProvider = options.TimeProvider,
            LoggerFactory = options.LoggerFactory,
        };
    }

    private GroupCoordinator MakeCoordinator(InternalTopics internalTopics, ConfigStore configs, EmbeddedBrokerOptions options)
    {
        _topics.TryGet(TopicNames.ConsumerOffsets, out var existing);
        var log = new PartitionStateLog(
            TopicNames.ConsumerOffsets,
            existing?.Partitions,
            configs.GetInt32("offsets.topic.num.partitions"),
            async () => (await internalTopics.EnsureOffsetsAsync().ConfigureAwait(false)).Partitions);
        return new GroupCoordinator(log, new TopicCatalog(_topics), new GroupCoordinatorOptions
        {
            InitialRebalanceDelayMs = configs.GetInt32("group.initial.rebalance.delay.ms"),
            MinSessionTimeoutMs = configs.GetInt32("group.min.session.timeout.ms"),
            MaxSessionTimeoutMs = configs.GetInt32("group.max.session.timeout.ms"),
            MaxSize = configs.GetInt32("group.max.size"),
            MaxMetadataLength = configs.GetInt32("offset.metadata.max.bytes"),
            OffsetsRetention = TimeSpan.FromMinutes(configs.GetInt32("offsets.retention.minutes")),
            OffsetsRetentionCheckInterval = TimeSpan.FromMilliseconds(configs.GetInt64("offsets.retention.check.interval.ms")),
            TimeProvider = options.TimeProvider,
            LoggerFactory = options.LoggerFactory,
        });
    }

    private List<RequestHandler> MakeHandlers(InternalTopics internalTopics, ConfigStore configs, TimeProvider time)
    {
        var apiVersions = new ApiVersionsHandler(_features);
        var coordinators = new Coordinators(Nodes, _topics, internalTopics, configs);
        var metadata = new MetadataHandler(Identity, Nodes, _topics, internalTopics, configs);
        List<RequestHandler> handlers =
        [
            new ProduceHandler(Nodes, _topics, new TransactionalProduce(_transactions)),
            new FetchHandler(
                Nodes,
                _topics,
                new FetchSessions(configs.GetInt32("max.incremental.fetch.session.cache.slots"), time),
                new ReplicaSelector(Nodes, configs),
                configs,
                time),
            new ListOffsetsHandler(_topics),
            metadata,
            new OffsetCommitHandler(_groups, coordinators),
            new OffsetFetchHandler(_groups, coordinators),
            new FindCoordinatorHandler(coordinators),
            new JoinGroupHandler(_groups, coordinators),
            new HeartbeatHandler(_groups, coordinators),
            new LeaveGroupHandler(_groups, coordinators),
            new SyncGroupHandler(_groups, coordinators),
            new DescribeGroupsHandler(_groups, coordinators),
            new ListGroupsHandler(_groups, coordinators),
            apiVersions,
            new CreateTopicsHandler(_topics, configs),
            new DeleteTopicsHandler(_topics, configs),
            new DescribeConfigsHandler(Nodes, _topics, configs),
            new CreatePartitionsHandler(_topics),
            new DeleteGroupsHandler(_groups, coordinators),
            new ListPartitionReassignmentsHandler(),
            new DescribeClusterHandler(Identity, Nodes),
            .. MakeTransactionHandlers(coordinators),
            .. MakeAdminHandlers(metadata, coordinators, configs, time),
            .. MakeNodeHandlers(),
        ];
        apiVersions.Advertise(handlers, _release);
        handlers.AddRange(UnservedHandlers.Make());
        return handlers;
    }
}
