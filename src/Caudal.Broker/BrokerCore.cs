using Caudal.Broker.Configuration;
using Caudal.Broker.Fetching;
using Caudal.Broker.Handlers;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Storage;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker;

/// <summary>Everything of the broker behind its listeners: the store, the topics, and the handlers over them.</summary>
internal sealed class BrokerCore : IAsyncDisposable
{
    private readonly LogStore _store;
    private readonly MetadataJournal _journal;
    private readonly TopicRegistry _topics;
    private readonly ProducerIds _producerIds;

    private BrokerCore(LogStore store, MetadataJournal journal, TopicRegistry topics, ConfigStore configs, EmbeddedBrokerOptions options)
    {
        _store = store;
        _journal = journal;
        _topics = topics;
        _producerIds = new ProducerIds(topics);
        Identity = new BrokerIdentity(configs.GetInt32("node.id"), store.ClusterId, configs.Get("broker.rack"));
        Dispatcher = new RequestDispatcher(MakeHandlers(configs, options.TimeProvider));
    }

    /// <summary>Who the broker is.</summary>
    public BrokerIdentity Identity { get; }

    /// <summary>Finds the handlers.</summary>
    public RequestDispatcher Dispatcher { get; }

    /// <summary>Opens the data directory, if there is one, and takes in what it holds.</summary>
    public static async ValueTask<BrokerCore> OpenAsync(EmbeddedBrokerOptions options, ConfigStore configs, CancellationToken cancellationToken)
    {
        // 1. The topics' settings, which the store needs to open the logs.
        var journal = MetadataJournal.Read(options.Directory);
        configs.Dynamic = journal.Image.Dynamic;
        configs.DynamicDefault = journal.Image.DynamicDefault;
        LogStore? store = null;
        try
        {
            // 2. The logs; from here on the directory is locked.
            store = await LogStore.OpenAsync(StoreOptions(options, configs, journal.Image), cancellationToken).ConfigureAwait(false);
            // 3. The journal again, for changes.
            journal.StartWriting();
            var topics = new TopicRegistry(journal, store, configs);
            await topics.LoadAsync(options.LoggerFactory.CreateLogger<TopicRegistry>()).ConfigureAwait(false);
            return new BrokerCore(store, journal, topics, configs, options);
        }
        catch
        {
            journal.Dispose();
            if (store is not null)
                await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _producerIds.Dispose();
        _topics.Dispose();
        _journal.Dispose();
        await _store.DisposeAsync().ConfigureAwait(false);
    }

    private static LogStoreOptions StoreOptions(EmbeddedBrokerOptions options, ConfigStore configs, MetadataImage image)
    {
        var overrides = image.Topics.Values.ToDictionary(t => t.Name, t => t.Configs, StringComparer.Ordinal);
        return new LogStoreOptions
        {
            Directory = options.Directory,
            Durability = options.Directory is null ? Durability.Memory : options.Durability,
            NodeId = configs.GetInt32("node.id"),
            ConfigOf = topic => TopicLogConfig.Make(configs, overrides.GetValueOrDefault(topic) ?? new Dictionary<string, string>()),
            RetentionInterval = TimeSpan.FromMilliseconds(configs.GetInt64("log.retention.check.interval.ms")),
            ProducerExpiration = TimeSpan.FromMilliseconds(configs.GetInt64("producer.id.expiration.ms")),
            TimeProvider = options.TimeProvider,
            LoggerFactory = options.LoggerFactory,
        };
    }

    private List<RequestHandler> MakeHandlers(ConfigStore configs, TimeProvider time)
    {
        var internalTopics = new InternalTopics(_topics, configs);
        var apiVersions = new ApiVersionsHandler();
        List<RequestHandler> handlers =
        [
            new ProduceHandler(_topics),
            new FetchHandler(Identity, _topics, new FetchSessions(configs.GetInt32("max.incremental.fetch.session.cache.slots"), time), configs, time),
            new ListOffsetsHandler(_topics),
            new MetadataHandler(Identity, _topics, internalTopics, configs),
            apiVersions,
            new CreateTopicsHandler(Identity, _topics, configs),
            new DeleteTopicsHandler(_topics, configs),
            new InitProducerIdHandler(_producerIds),
            new DescribeConfigsHandler(Identity, _topics, configs),
            new CreatePartitionsHandler(Identity, _topics),
            new IncrementalAlterConfigsHandler(Identity, _topics, configs),
            new ListPartitionReassignmentsHandler(),
            new DescribeClusterHandler(Identity),
        ];
        apiVersions.Advertise(handlers);
        return handlers;
    }
}
