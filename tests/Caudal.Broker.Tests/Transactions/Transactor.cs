using Caudal.Broker.StateLogs;
using Caudal.Broker.Tests.StateLogs;
using Caudal.Broker.Transactions;
using Caudal.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Broker.Tests.Transactions;

/// <summary>A transaction coordinator over a log in memory, partitions that only note markers, and a clock that tests move.</summary>
internal sealed class Transactor : IAsyncDisposable
{
    private readonly long[] _lastProducerId;

    private Transactor(MemoryStateLog log, FakePartitions partitions, FakeTimeProvider time, long[] lastProducerId)
    {
        Log = log;
        Partitions = partitions;
        Time = time;
        _lastProducerId = lastProducerId;
        Coordinator = new TransactionCoordinator(
            log,
            partitions,
            () => ValueTask.FromResult(++_lastProducerId[0]),
            new TransactionCoordinatorOptions { TimeProvider = time });
    }

    public TransactionCoordinator Coordinator { get; }

    public MemoryStateLog Log { get; }

    public FakePartitions Partitions { get; }

    public FakeTimeProvider Time { get; }

    public static PartitionKey A { get; } = new("a", 0);

    public static PartitionKey B { get; } = new("b", 1);

    public static async Task<Transactor> StartAsync()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var transactor = new Transactor(new MemoryStateLog { Topic = "__transaction_state" }, new FakePartitions(), time, [99]);
        await transactor.Coordinator.StartAsync(TestContext.Current.CancellationToken);
        return transactor;
    }

    /// <summary>Another coordinator over what the log held, or the first records of each of its partitions: this one was killed.</summary>
    public async Task<Transactor> KillAsync(int records = int.MaxValue, bool keepPartitions = true)
    {
        var transactor = new Transactor(
            Log.Prefix(records), keepPartitions ? Partitions : new FakePartitions(), Time, _lastProducerId);
        await transactor.Coordinator.StartAsync(TestContext.Current.CancellationToken);
        return transactor;
    }

    /// <summary>Initializes a producer that must succeed.</summary>
    public async Task<ProducerIdentity> InitializeAsync((long, short)? present = null, string id = "x", int timeoutMs = 60_000)
    {
        var identity = await Coordinator.InitializeAsync(id, timeoutMs, present);
        Assert.Equal(ErrorCode.None, identity.Error);
        return identity;
    }

    public ValueTask<ErrorCode> AddAsync(ProducerIdentity who, short version = 0, string id = "x", params PartitionKey[] partitions) =>
        Coordinator.AddAsync(id, who.ProducerId, who.Epoch, partitions.Length == 0 ? [A] : partitions, version);

    public ValueTask<ProducerIdentity> EndAsync(ProducerIdentity who, bool commit, short version = 0, string id = "x") =>
        Coordinator.EndAsync(id, who.ProducerId, who.Epoch, commit, version);

    /// <summary>The state of an id, its producer and its epoch.</summary>
    public (string State, long ProducerId, short Epoch) Describe(string id = "x")
    {
        var state = Coordinator.Describe(new() { TransactionalIds = [id] }).TransactionStates[0];
        return (state.TransactionState, state.ProducerId, state.ProducerEpoch);
    }

    /// <summary>Waits until an id is in a state. Nothing but the coordinator's own tasks moves meanwhile.</summary>
    public async Task WaitForAsync(string state, string id = "x")
    {
        while (Describe(id).State != state)
            await Task.Yield();
    }

    public ValueTask DisposeAsync() => Coordinator.DisposeAsync();
}

/// <summary>Partitions that note the markers, refuse them as told, and all exist but those of the topic <c>gone</c>.</summary>
internal sealed class FakePartitions : ITransactionPartitions
{
    private readonly Lock _lock = new();
    private readonly List<(PartitionKey Partition, TransactionMarker Marker)> _markers = [];
    private volatile int _refusals;

    public (PartitionKey Partition, TransactionMarker Marker)[] Markers
    {
        get
        {
            lock (_lock)
                return [.. _markers];
        }
    }

    /// <summary>What a refused marker is answered with.</summary>
    public ErrorCode Refusal { get; set; } = ErrorCode.KafkaStorageError;

    /// <summary>How many of the next markers are refused.</summary>
    public int Refusals
    {
        get => _refusals;
        set => _refusals = value;
    }

    public bool Exists(PartitionKey partition) => partition.Topic != "gone";

    public ValueTask<ErrorCode> WriteMarkerAsync(PartitionKey partition, TransactionMarker marker)
    {
        if (!Exists(partition))
            return ValueTask.FromResult(ErrorCode.UnknownTopicOrPartition);
        lock (_lock)
        {
            if (_refusals > 0)
            {
                _refusals--;
                return ValueTask.FromResult(Refusal);
            }

            _markers.Add((partition, marker));
            return ValueTask.FromResult(ErrorCode.None);
        }
    }
}
