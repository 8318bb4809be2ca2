using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Client.Tests.Fakes;

/// <summary>A cluster in this process that answers well unless a test's script says otherwise.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<(Func<FakeCluster, bool> Condition, TaskCompletionSource Met)> _waiters = [];
    private int _connections;
    private long _producerIds = 1000;

    public FakeCluster(int brokers = 1)
    {
        for (var id = 1; id <= brokers; id++)
            Brokers.Add(new FakeBroker(this, id));
        foreach (var broker in Brokers)
            broker.Start();
    }

    public InMemoryNetwork Network { get; } = new();

    public List<FakeBroker> Brokers { get; } = [];

    public Dictionary<string, FakePartition[]> Topics { get; } = [];

    public FakeTransactions Transactions { get; } = new();

    /// <summary>Every request so far.</summary>
    public List<FakeCall> Calls { get; } = [];

    /// <summary>What went wrong in scripts.</summary>
    public System.Collections.Concurrent.ConcurrentBag<Exception> Failures { get; } = [];

    /// <summary>Asked first; null leaves the answer to the cluster.</summary>
    public Func<FakeCall, ValueTask<FakeReply?>> Script { get; set; } = _ => ValueTask.FromResult<FakeReply?>(null);

    public string Bootstrap => string.Join(",", Brokers.Select(broker => $"{broker.Host}:{broker.Port}"));

    /// <summary>The highest version of an API that is offered; all by default.</summary>
    public Dictionary<ApiKey, short> MaxVersions { get; } = [];

    public KafkaClientOptions ClientOptions => new()
    {
        BootstrapServers = Bootstrap,
        Connector = Network,
        RetryBackoff = TimeSpan.FromMilliseconds(1),
        RetryBackoffMax = TimeSpan.FromMilliseconds(5),
        ReconnectBackoff = TimeSpan.FromMilliseconds(1),
        ReconnectBackoffMax = TimeSpan.FromMilliseconds(5),
    };

    public FakePartition[] AddTopic(string name, int partitions = 1)
    {
        var topic = Enumerable.Range(0, partitions).Select(i => new FakePartition { Leader = Brokers[i % Brokers.Count].Id }).ToArray();
        lock (_lock)
            Topics[name] = topic;
        return topic;
    }

    public int Count(ApiKey key)
    {
        lock (_lock)
            return Calls.Count(call => call.Key == key);
    }

    public int NextConnection() => Interlocked.Increment(ref _connections) - 1;

    /// <summary>Waits until a condition holds; it is looked at after every request.</summary>
    public async Task WhenAsync(Func<FakeCluster, bool> condition)
    {
        Task met;
        lock (_lock)
        {
            if (condition(this))
                return;
            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((condition, waiter));
            met = waiter.Task;
        }

        await met.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    public async ValueTask<FakeReply> HandleAsync(FakeCall call)
    {
        lock (_lock)
        {
            Calls.Add(call);
            Notice_UnderLock();
        }

        var reply = await Script(call) ?? Answer(call);
        lock (_lock)
            Notice_UnderLock();
        return reply;
    }

    /// <summary>What the cluster itself says; a script may call it to have the effect without the answer.</summary>
    public FakeReply Answer(FakeCall call)
    {
        lock (_lock)
        {
            return call.Key switch
            {
                ApiKey.ApiVersions => new(Versions(call)),
                ApiKey.Metadata => new(Metadata(call.Read<MetadataRequest>(), call.Version)),
                ApiKey.InitProducerId when call.Read<InitProducerIdRequest>().TransactionalId is null =>
                    new(new InitProducerIdResponse { ProducerId = ++_producerIds }),
                ApiKey.InitProducerId or ApiKey.AddPartitionsToTxn or ApiKey.AddOffsetsToTxn or ApiKey.TxnOffsetCommit or ApiKey.EndTxn =>
                    new(Transactions.Answer(this, call)),
                ApiKey.Produce => Produce(call),
                ApiKey.FindCoordinator => new(Coordinator(call.Read<FindCoordinatorRequest>(), call.Version)),
                _ => throw new InvalidOperationException($"The fake cluster does not answer {call}."),
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in Brokers)
            await broker.StopAsync();
        Assert.Empty(Failures);
    }

    private void Notice_UnderLock()
    {
        foreach (var waiter in _waiters.Where(waiter => waiter.Condition(this)).ToArray())
        {
            _waiters.Remove(waiter);
            waiter.Met.TrySetResult();
        }
    }

    private ApiVersionsResponse Versions(FakeCall call)
    {
        var keys = new List<ApiVersionsResponse.ApiVersion>();
        foreach (var api in KafkaApis.All)
            keys.Add(new() { ApiKey = (short)api.Key, MinVersion = api.Min, MaxVersion = MaxVersions.GetValueOrDefault(api.Key, api.Max) });
        return call.Version > MaxVersions.GetValueOrDefault(ApiKey.ApiVersions, (short)4)
            ? new ApiVersionsResponse
            {
                ErrorCode = (short)ErrorCode.UnsupportedVersion,
                ApiKeys = [.. keys.Where(
                key => key.ApiKey == (short)ApiKey.ApiVersions)]
            }
            : new ApiVersionsResponse
            {
                ApiKeys = [.. keys],
                FinalizedFeatures = Transactions.IsSecondVersion
                    ? [new() { Name = "transaction.version", MaxVersionLevel = 2, MinVersionLevel = 2 }]
                    : [],
            };
    }

    private MetadataResponse Metadata(MetadataRequest request, short version) => new()
    {
        ClusterId = "fake",
        ControllerId = Brokers[0].Id,
        Brokers = [.. Brokers.Where(broker => broker.IsUp).Select(
            broker => new MetadataResponse.MetadataResponseBroker { NodeId = broker.Id, Host = broker.Host, Port = broker.Port })],
        Topics = [.. (request.Topics?.Select(topic => topic.Name!) ?? Topics.Keys).Select(name => Topic(name, version))],
    };

    private MetadataResponse.MetadataResponseTopic Topic(string name, short version) => Topics.TryGetValue(name, out var partitions)
        ? new()
        {
            Name = name,
            TopicId = version >= 10 ? new Uuid(1, name.GetHashCode(StringComparison.Ordinal)) : default,
            Partitions =
            [
                .. partitions.Select((partition, i) => new MetadataResponse.MetadataResponsePartition
                {
                    PartitionIndex = i,
                    LeaderId = partition.Leader,
                    LeaderEpoch = version >= 7 ? partition.LeaderEpoch : -1,
                    ReplicaNodes = [partition.Leader],
                    IsrNodes = [partition.Leader],
                }),
            ],
        }
        : new() { Name = name, ErrorCode = (short)ErrorCode.UnknownTopicOrPartition };

    private FakeReply Produce(FakeCall call)
    {
        var request = call.Read<ProduceRequest>();
        var response = new ProduceResponse
        {
            Responses =
            [
                .. request.TopicData.Select(topic => new ProduceResponse.TopicProduceResponse
                {
                    Name = topic.Name,
                    PartitionResponses = [.. topic.PartitionData.Select(data => Append(call, request.TransactionalId, topic.Name, data))],
                }),
            ],
        };
        return request.Acks == 0 ? FakeReply.Silence : new FakeReply(response);
    }

    private ProduceResponse.PartitionProduceResponse Append(
        FakeCall call, string? transactionalId, string topic, ProduceRequest.PartitionProduceData data)
    {
        var partition = Topics[topic][data.Index];
        if (partition.Leader != call.Broker.Id)
            return new() { Index = data.Index, ErrorCode = (short)ErrorCode.NotLeaderOrFollower, BaseOffset = -1 };
        var error = transactionalId is null
            ? ErrorCode.None
            : Transactions.Check(transactionalId, call.Version, partition, data.Records!.Value);
        var offset = -1L;
        if (error == ErrorCode.None)
            (error, offset) = partition.Append(data.Records!.Value);
        return new() { Index = data.Index, ErrorCode = (short)error, BaseOffset = offset };
    }

    private FindCoordinatorResponse Coordinator(FindCoordinatorRequest request, short version)
    {
        var broker = Brokers[^1];
        if (version < 4)
            return new FindCoordinatorResponse { NodeId = broker.Id, Host = broker.Host, Port = broker.Port };
        return new FindCoordinatorResponse
        {
            Coordinators = [.. request.CoordinatorKeys.Select(
                key => new FindCoordinatorResponse.Coordinator { Key = key, NodeId = broker.Id, Host = broker.Host, Port = broker.Port })],
        };
    }
}
