using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Caudal.Broker.Configuration;
using Caudal.Broker.Nodes;
using Caudal.Protocol;
using Caudal.Storage;

namespace Caudal.Broker.Topics;

/// <summary>
/// All topics: finds them for the handlers, and changes them one change after the other, each journaled before anybody sees it.
/// </summary>
/// <remarks>
/// Lookups are lock-free and may run beside a change. The gate guards the journal, the two maps' writes and the store's set of logs.
/// </remarks>
internal sealed partial class TopicRegistry : IDisposable
{
    private readonly ConcurrentDictionary<string, Topic> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Uuid, Topic> _byId = new();
    private readonly SemaphoreSlim _gate = new(1, 1);

    // Guarded by the gate: what names collide by, with the topic that has it.
    private readonly Dictionary<string, string> _collisionKeys = new(StringComparer.Ordinal);
    private readonly MetadataJournal _journal;
    private readonly LogStore _store;
    private readonly ConfigStore _configs;
    private readonly ClusterNodes _nodes;
    private readonly ReplicaPlacer _placer;

    /// <summary>Starts empty; <see cref="LoadAsync"/> brings in what the journal and the store hold.</summary>
    public TopicRegistry(MetadataJournal journal, LogStore store, ConfigStore configs, ClusterNodes nodes)
    {
        _journal = journal;
        _store = store;
        _configs = configs;
        _nodes = nodes;
        _placer = new ReplicaPlacer(nodes);
    }

    /// <summary>All topics, in no order.</summary>
    public ICollection<Topic> All => _byName.Values;

    /// <summary>Called after a topic was deleted, so that what others keep about it goes too.</summary>
    public Func<Topic, ValueTask>? Deleted { get; set; }

    /// <summary>Finds a topic by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Topic? topic) => _byName.TryGetValue(name, out topic);

    /// <summary>Finds a topic by id.</summary>
    public bool TryGet(Uuid id, [NotNullWhen(true)] out Topic? topic) => _byId.TryGetValue(id, out topic);

    /// <summary>Creates a topic, or says why not.</summary>
    /// <param name="name">The name, not checked yet.</param>
    /// <param name="partitions">How many partitions; −1 for the broker's default.</param>
    /// <param name="configs">The topic's own settings, not checked yet.</param>
    /// <param name="validateOnly">Whether to check and change nothing.</param>
    /// <param name="replicationFactor">How many nodes hold each partition; −1 for the broker's default.</param>
    /// <param name="assignments">The nodes of each partition, instead of numbers of partitions and replicas.</param>
    public async ValueTask<TopicOutcome> CreateAsync(
        string name,
        int partitions,
        IReadOnlyDictionary<string, string> configs,
        bool validateOnly,
        int replicationFactor = -1,
        IReadOnlyList<int[]>? assignments = null)
    {
        if (TopicNames.Fault(name) is { } fault)
            return TopicOutcome.Refuse(ErrorCode.InvalidTopicException, fault);
        if (partitions == -1)
            partitions = _configs.GetInt32("num.partitions");
        if (partitions < 1)
            return TopicOutcome.Refuse(ErrorCode.InvalidPartitions, "Number of partitions was set to an invalid non-positive value.");
        if (partitions > MaxPartitions)
            return TopicOutcome.Refuse(
                ErrorCode.InvalidPartitions, $"{partitions} partitions are more than the {MaxPartitions} that a single broker takes.");
        if (replicationFactor == -1)
            replicationFactor = _configs.GetInt32("default.replication.factor");
        if (assignments is null && _placer.Fault(replicationFactor) is { } tooMany)
            return TopicOutcome.Refuse(ErrorCode.InvalidReplicationFactor, tooMany);
        if (assignments is not null && _placer.Fault(assignments) is { } unassignable)
            return TopicOutcome.Refuse(ErrorCode.InvalidReplicaAssignment, unassignable);
        if (TopicConfigs.Check(configs) is { } invalid)
            return TopicOutcome.Refuse(ErrorCode.InvalidConfig, invalid);
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_byName.TryGetValue(name, out var existing))
                return new TopicOutcome(ErrorCode.TopicAlreadyExists, $"Topic '{name}' already exists.", existing);
            if (_collisionKeys.TryGetValue(TopicNames.CollisionKey(name), out var collision))
                return TopicOutcome.Refuse(ErrorCode.InvalidTopicException, $"Topic '{name}' collides with existing topic: {collision}");
            if (validateOnly)
            {
                var imagined = new Topic(name, Uuid.Zero, configs, new PartitionLog[partitions], null);
                return new TopicOutcome(ErrorCode.None, null, imagined) { ReplicationFactor = assignments?[0].Length ?? replicationFactor };
            }

            var id = Uuid.NewRandom();
            var placements = assignments is null ? _placer.Place(partitions, replicationFactor) : _placer.Take(assignments);
            await _journal.AppendAsync(Placed(new MetadataRecord.TopicCreated(name, id, partitions, configs), id, placements))
                .ConfigureAwait(false);
            var created = Add_UnderGate(name, id, partitions, configs, placements);
            return new TopicOutcome(ErrorCode.None, null, created) { ReplicationFactor = placements[0].Replicas.Length };
        }
        catch (Exception e) when (e is IOException or StorageException)
        {
            return TopicOutcome.Refuse(ErrorCode.KafkaStorageError, $"Topic '{name}' cannot be kept on disk: {e.Message}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Deletes a topic and its logs.</summary>
    public async ValueTask<ErrorCode> DeleteAsync(Topic topic)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_byId.ContainsKey(topic.Id))
                return ErrorCode.UnknownTopicOrPartition;
            await _journal.AppendAsync(new MetadataRecord.TopicDeleted(topic.Id)).ConfigureAwait(false);
            _byId.TryRemove(topic.Id, out _);
            _byName.TryRemove(topic.Name, out _);
            _collisionKeys.Remove(TopicNames.CollisionKey(topic.Name));
            for (var partition = 0; partition < topic.Partitions.Length; partition++)
                await _store.DeleteAsync(topic.Name, partition).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or StorageException)
        {
            return ErrorCode.KafkaStorageError;
        }
        finally
        {
            _gate.Release();
        }

        if (Deleted is { } deleted)
            await deleted(topic).ConfigureAwait(false);
        return ErrorCode.None;
    }

    /// <summary>Adds partitions to a topic, or says why not.</summary>
    /// <param name="name">The topic's name.</param>
    /// <param name="count">How many partitions it is to have.</param>
    /// <param name="validateOnly">Whether to check and change nothing.</param>
    /// <param name="assignments">The nodes of each new partition; null to let the broker choose.</param>
    public async ValueTask<TopicOutcome> AddPartitionsAsync(
        string name, int count, bool validateOnly, IReadOnlyList<int[]>? assignments = null)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_byName.TryGetValue(name, out var topic))
                return TopicOutcome.Refuse(ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
            var present = topic.Partitions.Length;
            if (count == present)
                return TopicOutcome.Refuse(ErrorCode.InvalidPartitions, $"Topic already has {present} partition(s).");
            if (count < present)
            {
                return TopicOutcome.Refuse(
                    ErrorCode.InvalidPartitions,
                    $"The topic {name} currently has {present} partition(s); {count} would not be an increase.");
            }
            if (count > MaxPartitions)
                return TopicOutcome.Refuse(
                    ErrorCode.InvalidPartitions, $"{count} partitions are more than the {MaxPartitions} that a single broker takes.");
            if (assignments is not null && assignments.Count != count - present)
            {
                return TopicOutcome.Refuse(
                    ErrorCode.InvalidReplicaAssignment,
                    $"Attempted to add {count - present} additional partition(s), but only {assignments.Count} assignment(s) were "
                    + "specified.");
            }
            if (assignments is not null && _placer.Fault(assignments, topic.Placement(0).Replicas.Length) is { } unassignable)
                return TopicOutcome.Refuse(ErrorCode.InvalidReplicaAssignment, unassignable);
            if (validateOnly)
                return new TopicOutcome(ErrorCode.None, null, topic);
            var added = assignments is null ? _placer.PlaceAfter(topic.Placements, count - present) : _placer.Take(assignments);
            PartitionPlacement[] placements = [.. topic.Placements, .. added];
            await _journal.AppendAsync(Placed(new MetadataRecord.PartitionsAdded(topic.Id, count), topic.Id, placements))
                .ConfigureAwait(false);
            // In this order: whoever sees a partition sees where it lives.
            topic.Placements = placements;
            topic.Partitions = OpenLogs(name, topic.Id, count, TopicLogConfig.Make(_configs, topic.Configs));
            return new TopicOutcome(ErrorCode.None, null, topic);
        }
        catch (Exception e) when (e is IOException or StorageException)
        {
            return TopicOutcome.Refuse(
                ErrorCode.KafkaStorageError, $"The partitions of topic '{name}' cannot be kept on disk: {e.Message}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Changes a topic's own settings; the caller computes the new map from the present one, under the gate.</summary>
    public async ValueTask<TopicOutcome> ConfigureAsync(string name, ConfigAlteration change, bool validateOnly)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_byName.TryGetValue(name, out var topic))
                return TopicOutcome.Refuse(ErrorCode.UnknownTopicOrPartition, $"The topic '{name}' does not exist.");
            var (configs, fault) = change(topic.Configs);
            if (configs is null || (fault ??= TopicConfigs.Check(configs)) is not null)
                return TopicOutcome.Refuse(ErrorCode.InvalidConfig, fault ?? "The change is not possible.");
            if (validateOnly)
                return new TopicOutcome(ErrorCode.None, null, topic);
            await _journal.AppendAsync(new MetadataRecord.TopicConfigured(topic.Id, configs)).ConfigureAwait(false);
            topic.Configs = configs;
            Reconfigure(topic);
            return new TopicOutcome(ErrorCode.None, null, topic);
        }
        catch (IOException e)
        {
            return TopicOutcome.Refuse(ErrorCode.KafkaStorageError, $"The settings of topic '{name}' cannot be kept on disk: {e.Message}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Changes the dynamic settings of the broker or of all brokers; topics that follow them follow at once.</summary>
    /// <returns>What is wrong with the change; null if nothing is.</returns>
    public async ValueTask<string?> ConfigureBrokerAsync(bool allBrokers, ConfigAlteration change, bool validateOnly)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var (configs, fault) = change(allBrokers ? _configs.DynamicDefault : _configs.Dynamic);
            if (configs is null)
                return fault ?? "The change is not possible.";
            if (validateOnly)
                return null;
            await _journal.AppendAsync(new MetadataRecord.BrokerConfigured(allBrokers, configs)).ConfigureAwait(false);
            if (allBrokers)
                _configs.DynamicDefault = configs;
            else
                _configs.Dynamic = configs;
            foreach (var topic in _byName.Values)
                Reconfigure(topic);
            return null;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes a block of producer ids that no producer has had.</summary>
    /// <returns>The first id of the block.</returns>
    public async ValueTask<long> ReserveProducerIdsAsync(int count)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var first = _journal.Image.NextProducerId;
            await _journal.AppendAsync(new MetadataRecord.ProducerIdsReserved(first + count)).ConfigureAwait(false);
            return first;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    // Each partition costs a log with buffers of its own; Kafka itself advises against more than a few thousand a broker.
    private const int MaxPartitions = 10_000;

    private Topic Add_UnderGate(
        string name, Uuid id, int partitions, IReadOnlyDictionary<string, string> configs, PartitionPlacement[] placements)
    {
        var logs = OpenLogs(name, id, partitions, TopicLogConfig.Make(_configs, configs));
        var topic = new Topic(name, id, configs, logs, StoredCompression.Of(_configs, configs))
        {
            Placements = placements,
            MinInSync = MinInSync(configs),
        };
        _collisionKeys[TopicNames.CollisionKey(name)] = name;
        _byId[id] = topic;
        _byName[name] = topic;
        return topic;
    }

    private PartitionLog[] OpenLogs(string name, Uuid id, int partitions, LogConfig config)
    {
        var logs = new PartitionLog[partitions];
        for (var partition = 0; partition < partitions; partition++)
        {
            if (!_store.TryGet(name, partition, out var log))
                log = _store.Create(name, partition, id, config);
            // A deletion that failed half-way may have left it: its records are not this topic's.
            else if (log.TopicId != id && log.TopicId != Uuid.Zero)
                throw new StorageException(
                    $"The directory of {name}-{partition} is of a topic with the id {log.TopicId}, not {id}: move it away.");
            logs[partition] = log;
        }

        return logs;
    }

    private int MinInSync(IReadOnlyDictionary<string, string> configs) =>
        TopicConfigs.TryGet("min.insync.replicas", out var definition)
            && int.TryParse(_configs.Resolve(definition, configs).Value, CultureInfo.InvariantCulture, out var count)
            ? count
            : 1;

    private void Reconfigure(Topic topic)
    {
        topic.MinInSync = MinInSync(topic.Configs);
        topic.Compression = StoredCompression.Of(_configs, topic.Configs);
        var config = TopicLogConfig.Make(_configs, topic.Configs);
        foreach (var log in topic.Partitions)
            log.Config = config;
    }
}
