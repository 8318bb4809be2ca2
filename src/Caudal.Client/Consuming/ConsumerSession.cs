using Caudal.Client.Groups;
using Microsoft.Extensions.Logging;

namespace Caudal.Client.Consuming;

/// <summary>
/// Everything that belongs to one assignment: cursors, fetch loops, what was fetched ahead. It is thrown away whole when the assignment
/// changes, so that nothing of an earlier assignment can reach the user.
/// </summary>
/// <remarks>
/// All state is guarded by one lock, the consumer's, which is held for a few lines at a time. The router finds positions and leaders for
/// cursors; a fetch loop for each leader fills the queue that the user's calls empty.
/// </remarks>
internal sealed partial class ConsumerSession : IAsyncDisposable
{
    private readonly KafkaClient _client;
    private readonly ConsumerOptions _options;
    private readonly GroupOffsets? _offsets;
    private readonly Lock _lock;
    private readonly Action _wakeUser;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended = new();
    private readonly AsyncSignal _routerWake = new();
    private readonly Dictionary<TopicPartition, PartitionCursor> _cursors = [];
    private readonly Queue<FetchedChunk> _ready = new();
    private readonly Queue<Fault> _faults = new();
    private readonly FetchLinks _links;
    private readonly Dictionary<(int Node, int Lane), BrokerFetcher> _fetchers = [];
    private readonly List<Task> _tasks = [];
    private PartitionCursor[] _order;
    private bool _started;

    public ConsumerSession(
        KafkaClient client, ConsumerOptions options, GroupOffsets? offsets, FetchLinks links, IReadOnlyList<TopicPartition> partitions,
        Lock gate, Action wakeUser)
    {
        _client = client;
        _options = options;
        _offsets = offsets;
        _links = links;
        _lock = gate;
        _wakeUser = wakeUser;
        _logger = client.Options.LoggerFactory.CreateLogger<ConsumerSession>();
        Partitions = partitions;
        _order = [.. partitions.Select(partition => new PartitionCursor(partition))];
        foreach (var cursor in _order)
            _cursors.Add(cursor.Partition, cursor);
    }

    private readonly record struct Fault(PartitionCursor? Cursor, CursorState Before, Exception Error);

    public IReadOnlyList<TopicPartition> Partitions { get; private set; }

    public IReadOnlyList<PartitionCursor> Cursors => _order;

    public bool TryGet(TopicPartition partition, out PartitionCursor cursor) => _cursors.TryGetValue(partition, out cursor!);

    /// <summary>Starts to look positions up and to fetch. Further calls do nothing.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_started || _ended.IsCancellationRequested)
                return;
            _started = true;
            _tasks.Add(Task.Run(RouteAsync));
        }
    }

    /// <summary>Takes partitions over in addition to those that it has; they are held until they are released.</summary>
    public void Add_UnderLock(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            var cursor = new PartitionCursor(partition) { Held = true };
            if (_cursors.TryAdd(partition, cursor))
                _order = [.. _order, cursor];
        }

        Partitions = [.. _order.Select(c => c.Partition)];
        Wake_UnderLock();
    }

    /// <summary>Lets partitions that were added be fetched.</summary>
    public void Release_UnderLock(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            if (_cursors.TryGetValue(partition, out var cursor))
                cursor.Held = false;
        }

        Wake_UnderLock();
    }

    /// <summary>Gives partitions up; whatever is left of them has no effect any more.</summary>
    public void Remove_UnderLock(IReadOnlyCollection<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            if (!_cursors.Remove(partition, out var cursor))
                continue;
            cursor.Refetch();
            cursor.State = CursorState.Failed;
        }

        _order = [.. _order.Where(c => _cursors.ContainsKey(c.Partition))];
        Partitions = [.. _order.Select(c => c.Partition)];
    }

    /// <summary>The ends of partitions that the user has come to and was not told of yet.</summary>
    public List<TopicPartitionOffset> TakeEnds()
    {
        List<TopicPartitionOffset> ends = [];
        lock (_lock)
        {
            foreach (var cursor in _order)
            {
                var track = cursor.Track;
                if (cursor.State != CursorState.Ready || cursor.ReadableEnd < 0 || track.Position < cursor.ReadableEnd
                    || track.Position != track.FetchOffset || track.ToldEnd == track.Position)
                {
                    continue;
                }

                track.ToldEnd = track.Position;
                ends.Add(new TopicPartitionOffset(cursor.Partition, track.Position));
            }
        }

        return ends;
    }

    /// <summary>Takes the next chunk that is not stale.</summary>
    public bool TryDequeue(out FetchedChunk chunk)
    {
        lock (_lock)
        {
            while (_ready.TryDequeue(out chunk!))
            {
                Release_UnderLock(chunk);
                if (!chunk.IsStale)
                    return true;
                chunk.Dispose();
            }

            return false;
        }
    }

    /// <summary>Takes the next error that the user has to hear of. The partition is tried again afterwards.</summary>
    public bool TryTakeFault(out Exception error)
    {
        lock (_lock)
        {
            while (_faults.TryPeek(out var fault))
            {
                error = fault.Error;
                // What concerns the whole session is not over with one report.
                if (fault.Cursor is not { } cursor)
                    return true;
                _faults.Dequeue();
                // The user may have sought away from it meanwhile.
                if (cursor.State != CursorState.Failed)
                    continue;
                cursor.State = fault.Before;
                Wake_UnderLock();
                return true;
            }

            error = null!;
            return false;
        }
    }

    /// <summary>Moves a partition to an offset.</summary>
    public void Seek_UnderLock(PartitionCursor cursor, long offset)
    {
        cursor.Track = new PositionTrack(offset, _options.EnableAutoOffsetStore ? offset : cursor.Track.Stored);
        cursor.State = CursorState.Ready;
        Wake_UnderLock();
    }

    /// <summary>Moves a partition to where its leader says a time is: −1 the end, −2 the start, or milliseconds since 1970.</summary>
    public void SeekToTime_UnderLock(PartitionCursor cursor, long timestamp)
    {
        cursor.Track = new PositionTrack(-1, cursor.Track.Stored);
        cursor.KeepsTrackOnReset = false;
        cursor.ResetTimestamp = timestamp;
        cursor.State = CursorState.NeedsOffset;
        Wake_UnderLock();
    }

    public static void Pause_UnderLock(PartitionCursor cursor)
    {
        if (cursor.Paused)
            return;
        cursor.Paused = true;
        cursor.Refetch();
    }

    public void Resume_UnderLock(PartitionCursor cursor)
    {
        cursor.Paused = false;
        Wake_UnderLock();
    }

    /// <summary>Drops what was fetched of a partition and fetches it again.</summary>
    public void Refetch(PartitionCursor cursor)
    {
        lock (_lock)
        {
            cursor.Refetch();
            Wake_UnderLock();
        }
    }

    /// <summary>Reports an error that concerns the whole session.</summary>
    public void Fail(Exception error)
    {
        lock (_lock)
            _faults.Enqueue(new Fault(null, CursorState.Failed, error));
        _wakeUser();
    }

    /// <summary>Makes everything stale, and stops. What is in the user's hands stays valid until it is given back.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] tasks;
        lock (_lock)
        {
            if (_ended.IsCancellationRequested)
                return;
            foreach (var cursor in _order)
                cursor.Refetch();
            while (_ready.TryDequeue(out var chunk))
                chunk.Dispose();
            _ended.Cancel();
            tasks = [.. _tasks];
        }

        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    private void Fault_UnderLock(PartitionCursor cursor, Exception error)
    {
        _faults.Enqueue(new Fault(cursor, cursor.State, error));
        cursor.State = CursorState.Failed;
        _wakeUser();
    }

    private void ApplyPolicy_UnderLock(PartitionCursor cursor)
    {
        if (_options.AutoOffsetReset == AutoOffsetReset.None)
        {
            Fault_UnderLock(cursor, new NoOffsetException(cursor.Partition, cursor.Track.FetchOffset));
            return;
        }

        cursor.KeepsTrackOnReset = cursor.Track.Position < cursor.Track.FetchOffset;
        cursor.ResetTimestamp = _options.AutoOffsetReset switch
        {
            AutoOffsetReset.Earliest => ListOffsets.Earliest,
            AutoOffsetReset.ByDuration => Math.Max(
                (_client.Options.TimeProvider.GetUtcNow() - _options.AutoOffsetResetAge).ToUnixTimeMilliseconds(), 0),
            _ => ListOffsets.Latest,
        };
        cursor.State = CursorState.NeedsOffset;
    }

    private void Wake_UnderLock()
    {
        _routerWake.Set();
        foreach (var (node, lane) in _fetchers.Keys)
        {
            if (lane == 0)
                WakeNode_UnderLock(node);
        }
    }

    // The first loop that waits; none if one has been told already and has not looked yet.
    private void WakeNode_UnderLock(int node)
    {
        for (var lane = 0; lane < FetchLinks.Lanes; lane++)
        {
            if (!_fetchers.TryGetValue((node, lane), out var fetcher) || fetcher.State == FetcherState.Woken)
                return;
            if (fetcher.State == FetcherState.Busy)
                continue;
            fetcher.State = FetcherState.Woken;
            fetcher.Wake.Set();
            return;
        }
    }
}
