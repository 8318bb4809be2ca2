using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Caudal.Protocol;

namespace Caudal.Storage;

/// <summary>All partition logs of a broker, in one directory or in memory.</summary>
/// <remarks>Thread safe. Dispose it to close the logs in order: a store that was not disposed is recovered when it is opened again.</remarks>
public sealed class LogStore : IAsyncDisposable
{
    private readonly LogStoreOptions _options;
    private readonly ConcurrentDictionary<(string Topic, int Partition), PartitionLog> _logs = new();

    private LogStore(LogStoreOptions options)
    {
        _options = options;
        ClusterId = options.ClusterId ?? Uuid.NewRandom().ToString();
    }

    /// <summary>The directory; null if everything lies in memory.</summary>
    public string? Directory => _options.Directory;

    /// <summary>The cluster's id.</summary>
    public string ClusterId { get; }

    /// <summary>All logs, in no particular order: a snapshot.</summary>
    public IReadOnlyCollection<PartitionLog> Logs => [.. _logs.Values];

    /// <summary>Opens a store: locks its directory, and recovers the logs in it if it was not closed in order.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="StorageException">The directory is locked by another process, not writable, or not one of Kafka's.</exception>
    /// <exception cref="ArgumentException">The settings have faults; the message names all of them.</exception>
    public static ValueTask<LogStore> OpenAsync(LogStoreOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        if (options.Validate() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(options));
        return ValueTask.FromResult(new LogStore(options));
    }

    /// <summary>Makes an empty log.</summary>
    /// <param name="topic">The topic's name, valid by Kafka's rules.</param>
    /// <param name="partition">The partition's number.</param>
    /// <param name="topicId">The topic's id, which stays with the log.</param>
    /// <param name="config">The settings.</param>
    /// <exception cref="StorageException">There is such a log already, or its directory cannot be made.</exception>
    public PartitionLog Create(string topic, int partition, Uuid topicId, LogConfig config)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentNullException.ThrowIfNull(config);
        var log = new PartitionLog(topic, partition, topicId, config, _options.TimeProvider);
        return _logs.TryAdd((topic, partition), log)
            ? log
            : throw new StorageException($"The log of {topic}-{partition} exists already.");
    }

    /// <summary>Finds a log.</summary>
    public bool TryGet(string topic, int partition, [NotNullWhen(true)] out PartitionLog? log) => _logs.TryGetValue((topic, partition), out log);

    /// <summary>Deletes a log: its readers and writers get <see cref="ErrorCode.UnknownTopicOrPartition"/> from now on. Unknown logs are ignored.</summary>
    public ValueTask DeleteAsync(string topic, int partition)
    {
        if (_logs.TryRemove((topic, partition), out var log))
            log.MarkDeleted();
        return ValueTask.CompletedTask;
    }

    /// <summary>Deletes old segments now; the store does so by itself every <see cref="LogStoreOptions.RetentionInterval"/>.</summary>
    public ValueTask RunRetentionAsync()
    {
        foreach (var log in _logs.Values)
            log.RunRetention();
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes all logs in order.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
