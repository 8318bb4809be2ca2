using Caudal.Broker.Groups;
using Caudal.Protocol;

namespace Caudal.Broker.Tests.Groups;

/// <summary>The coordinator's log in memory; a test may hold appends back or let them fail.</summary>
internal sealed class MemoryOffsetsLog : IOffsetsLog
{
    private readonly List<OffsetsRecord>[] _partitions = [[], [], []];
    private volatile TaskCompletionSource? _held;

    public int PartitionCount => _partitions.Length;

    /// <summary>What appends answer; records are kept only without an error.</summary>
    public ErrorCode Error { get; set; }

    /// <summary>How many appends were made.</summary>
    public int AppendCount { get; private set; }

    public IEnumerable<OffsetsRecord> Records
    {
        get
        {
            lock (_partitions)
                return _partitions.SelectMany(p => p).ToArray();
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
    public void Add(OffsetsRecord record) => _partitions[0].Add(record);

    public async ValueTask<ErrorCode> AppendAsync(int partition, IReadOnlyList<OffsetsRecord> records, CancellationToken cancellationToken)
    {
        if (_held is { } held)
            await held.Task;
        lock (_partitions)
        {
            AppendCount++;
            if (Error == ErrorCode.None)
                _partitions[partition].AddRange(records);
            return Error;
        }
    }

    public ValueTask ReadAllAsync(OffsetsRecordVisitor visit, CancellationToken cancellationToken)
    {
        foreach (var record in Records)
            visit(record.Key, record.Value is { } value ? value : (ReadOnlyMemory<byte>?)null);
        return ValueTask.CompletedTask;
    }
}
