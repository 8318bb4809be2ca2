using Caudal.Broker.StateLogs;
using Caudal.Protocol;

namespace Caudal.Broker.Tests.StateLogs;

/// <summary>The coordinator's log in memory; a test may hold appends back or let them fail.</summary>
internal sealed class MemoryStateLog : IStateLog
{
    private readonly List<StateEntry>[] _partitions = [[], [], []];
    private volatile TaskCompletionSource? _held;

    public string Topic { get; init; } = "__consumer_offsets";

    public int PartitionCount => _partitions.Length;

    /// <summary>The leader epoch of all partitions.</summary>
    public int Epoch { get; set; }

    /// <summary>What appends answer; records are kept only without an error.</summary>
    public ErrorCode Error { get; set; }

    /// <summary>How many appends were made.</summary>
    public int AppendCount { get; private set; }

    public IEnumerable<StateRecord> Records
    {
        get
        {
            lock (_partitions)
                return _partitions.SelectMany(p => p).Where(e => e.Marker is null).Select(ToRecord).ToArray();
        }
    }

    /// <summary>Lets appends wait until <see cref="Release"/>.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        var held = _held;
        _held = null;
        held?.SetResult();
    }

    /// <summary>Puts a record at the end, past the coordinator.</summary>
    public void Add(StateRecord record) => _partitions[0].Add(ToEntry(0, -1, record));

    /// <summary>A log of the first so many entries of each partition: what a crash may have left.</summary>
    public MemoryStateLog Prefix(int count)
    {
        var log = new MemoryStateLog { Topic = Topic, Epoch = Epoch + 1 };
        lock (_partitions)
        {
            for (var i = 0; i < _partitions.Length; i++)
                log._partitions[i].AddRange(_partitions[i].Take(count));
        }

        return log;
    }

    public int EpochOf(int partition) => Epoch;

    public ValueTask PrepareAsync() => ValueTask.CompletedTask;

    public async ValueTask<ErrorCode> AppendAsync(int partition, StateBatch batch, CancellationToken cancellationToken)
    {
        if (_held is { } held)
            await held.Task;
        lock (_partitions)
        {
            AppendCount++;
            if (Error != ErrorCode.None)
                return Error;
            if (batch.Marker is { } marker)
                _partitions[partition].Add(new StateEntry(partition, marker.ProducerId, default, null, marker.Record.Type));
            foreach (var record in batch.Records)
                _partitions[partition].Add(ToEntry(partition, batch.Producer.IsTransactional ? batch.Producer.Id : -1, record));
            return ErrorCode.None;
        }
    }

    public ValueTask ReadAllAsync(StateVisitor visit, CancellationToken cancellationToken)
    {
        StateEntry[] entries;
        lock (_partitions)
            entries = [.. _partitions.SelectMany(p => p)];
        foreach (var entry in entries)
            visit(entry);
        return ValueTask.CompletedTask;
    }

    private static StateEntry ToEntry(int partition, long producerId, StateRecord record) =>
        new(partition, producerId, record.Key, record.Value is { } value ? value : (ReadOnlyMemory<byte>?)null);

    private static StateRecord ToRecord(StateEntry entry) => new(entry.Key.ToArray(), entry.Value?.ToArray(), 0);
}
