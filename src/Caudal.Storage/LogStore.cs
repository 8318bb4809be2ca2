using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Caudal.Protocol;
using Caudal.Storage.Files;
using Microsoft.Extensions.Logging;

namespace Caudal.Storage;

/// <summary>All partition logs of a broker, in one directory or in memory.</summary>
/// <remarks>
/// Thread safe. Dispose it to close the logs in order: a store that was not disposed is recovered when it is opened again.
/// </remarks>
public sealed partial class LogStore : IAsyncDisposable
{
    private readonly LogStoreOptions _options;
    private readonly ConcurrentDictionary<(string Topic, int Partition), PartitionLog> _logs = new();
    private readonly StoreDirectory? _directory;
    private readonly FileRemover _remover;
    private readonly LogContext _context;
    private readonly Lock _creating = new();
    private readonly List<ITimer> _timers = [];
    private int _disposed;

    private LogStore(LogStoreOptions options)
    {
        _options = options;
        _remover = new FileRemover(options.Io, options.TimeProvider);
        _directory = options.Directory is null ? null : StoreDirectory.Open(options);
        ClusterId = _directory?.ClusterId ?? options.ClusterId ?? Uuid.NewRandom().ToString();
        _context = new LogContext(
            options.TimeProvider,
            _directory is null ? Durability.Memory : options.Durability,
            options.Durability == Durability.Interval ? (long)options.FlushInterval.TotalMilliseconds : long.MaxValue,
            _directory is null ? null : new GroupFlusher(),
            _directory is null ? null : new SharedSync(() => options.Io.FlushDirectory(_directory.Path)),
            _directory is null ? null : new SharedSync(WriteStartOffsets),
            options.LoggerFactory.CreateLogger<LogStore>());
    }

    /// <summary>The directory; null if everything lies in memory.</summary>
    public string? Directory => _directory?.Path;

    /// <summary>The cluster's id.</summary>
    public string ClusterId { get; }

    /// <summary>Whether the directory was closed in order the last time, or is new. True in memory.</summary>
    public bool WasClean { get; private set; } = true;

    /// <summary>All logs, in no particular order: a snapshot.</summary>
    public IReadOnlyCollection<PartitionLog> Logs => [.. _logs.Values];

    /// <summary>Opens a store: locks its directory, and recovers the logs in it if it was not closed in order.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="StorageException">The directory is locked by another process, not writable, or of another cluster.</exception>
    /// <exception cref="ArgumentException">The settings have faults; the message names all of them.</exception>
    public static async ValueTask<LogStore> OpenAsync(LogStoreOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        if (options.Validate() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(options));
        var store = new LogStore(options);
        try
        {
            await store.LoadAsync(cancellationToken).ConfigureAwait(false);
            store.StartTimers();
            return store;
        }
        catch (Exception e)
        {
            await store.AbandonAsync().ConfigureAwait(false);
            if (e is IOException or UnauthorizedAccessException)
                throw new StorageException($"The log directory {options.Directory} cannot be opened: {e.Message}", e);
            throw;
        }
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
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        lock (_creating)
        {
            if (_logs.ContainsKey((topic, partition)))
                throw new StorageException($"The log of {topic}-{partition} exists already.");
            try
            {
                if (_directory is not null)
                    MoveAway(topic, partition);
                ForgetOutdated_UnderLock(topic, partition);
                var log = new PartitionLog(topic, partition, topicId, config, _context, DirectoryOf(topic, partition));
                _logs[(topic, partition)] = log;
                return log;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StorageException($"The log of {topic}-{partition} cannot be made: {e.Message}", e);
            }
        }
    }

    /// <summary>Finds a log.</summary>
    public bool TryGet(string topic, int partition, [NotNullWhen(true)] out PartitionLog? log) =>
        _logs.TryGetValue((topic, partition), out log);

    /// <summary>
    /// Deletes a log: its readers and writers get <see cref="ErrorCode.UnknownTopicOrPartition"/> from now on. Unknown logs are ignored.
    /// </summary>
    /// <exception cref="StorageException">Its directory cannot be renamed.</exception>
    public ValueTask DeleteAsync(string topic, int partition)
    {
        PartitionLog? log;
        lock (_creating)
        {
            if (!_logs.TryRemove((topic, partition), out log))
                return ValueTask.CompletedTask;
            _outdated.Add((topic, partition));
            try
            {
                log.Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StorageException($"The log of {topic}-{partition} cannot be deleted: {e.Message}", e);
            }
        }

        log.NotifyWaiters();
        return ValueTask.CompletedTask;
    }

    /// <summary>Deletes old segments now; the store does so by itself every <see cref="LogStoreOptions.RetentionInterval"/>.</summary>
    public ValueTask RunRetentionAsync()
    {
        RunRetention();
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes all logs in order: everything is on disk then, and the next start needs no recovery.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        StopTimers();
        await StopCompactingAsync().ConfigureAwait(false);
        // No more appends first: then those that wait for the disk get their answer, and nothing comes after the last sync.
        foreach (var log in _logs.Values)
            log.BeginClose();
        if (_context.Flusher is { } flusher)
            await flusher.DisposeAsync().ConfigureAwait(false);
        var dirty = 0;
        await Parallel.ForEachAsync(_logs.Values, new ParallelOptions { MaxDegreeOfParallelism = 8 }, (log, _) =>
        {
            if (!log.Close())
                Interlocked.Increment(ref dirty);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        _remover.Run(all: true);
        _remover.Dispose();
        if (_directory is null)
            return;
        if (TryWriteCheckpoints() && dirty == 0)
            TryMarkClean(_directory);
        _directory.Dispose();
    }

    /// <summary>Lets go of everything as a killed process does.</summary>
    internal async ValueTask AbandonAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        StopTimers();
        await StopCompactingAsync().ConfigureAwait(false);
        foreach (var log in _logs.Values)
            log.Abandon();
        if (_context.Flusher is { } flusher)
            await flusher.DisposeAsync().ConfigureAwait(false);
        _remover.Dispose();
        _directory?.Dispose();
    }

    private void TryMarkClean(StoreDirectory directory)
    {
        try
        {
            directory.MarkClean();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the mark the next start recovers, and finds everything in order.
            Log.CannotCheckpoint(_context.Logger, directory.Path, e.Message);
        }
    }

    private void RunRetention()
    {
        foreach (var log in _logs.Values)
        {
            log.RunRetention();
            log.ExpireProducers(_options.ProducerExpiration);
        }

        _remover.Run();
    }

    // What a deletion left behind that failed half-way must not become a part of the new log.
    private void MoveAway(string topic, int partition)
    {
        var directory = DirectoryOf(topic, partition)!;
        if (System.IO.Directory.Exists(directory.Path))
            directory.Remove(topic, partition, LogConfig.Default.FileDeleteDelayMs);
    }

    private PartitionDirectory? DirectoryOf(string topic, int partition) => _directory is null
        ? null
        : DirectoryAt(Path.Combine(_directory.Path, string.Create(CultureInfo.InvariantCulture, $"{topic}-{partition}")));

    private PartitionDirectory DirectoryAt(string path) => new(_options.Io, path, _options.TailCacheBytes, _remover);
}
