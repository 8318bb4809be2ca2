using Caudal.Broker;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Caudal.Transport;

namespace Caudal.Client.Tests.Consuming;

/// <summary>A whole cluster for tests: the embedded broker, or the one that <c>CAUDAL_TEST_BOOTSTRAP</c> names (host:port).</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly EmbeddedBroker? _broker;

    private TestCluster(EmbeddedBroker? broker, KafkaClient client)
    {
        _broker = broker;
        Client = client;
    }

    public KafkaClient Client { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TestCluster> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("CAUDAL_TEST_BOOTSTRAP") is { Length: > 0 } bootstrap)
            return new TestCluster(null, await KafkaClient.ConnectAsync(new KafkaClientOptions { BootstrapServers = bootstrap }, Token));
        var broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerOptions { Listen = false }, Token);
        return new TestCluster(broker, new KafkaClient(OptionsFor(broker)));
    }

    /// <summary>A client of its own, as another process would have.</summary>
    public KafkaClient NewClient() => new(_broker is null ? Client.Options : OptionsFor(_broker));

    /// <summary>A client whose connections a test can spoil.</summary>
    public KafkaClient NewClient(Func<IConnector, IConnector> wrap)
    {
        var options = _broker is null ? Client.Options : OptionsFor(_broker);
        return new(options with
        {
            Connector = wrap(options.Connector),
            RetryBackoff = TimeSpan.FromMilliseconds(1),
            RetryBackoffMax = TimeSpan.FromMilliseconds(20),
            ReconnectBackoff = TimeSpan.FromMilliseconds(1),
            ReconnectBackoffMax = TimeSpan.FromMilliseconds(20),
        });
    }

    /// <summary>A name that no other test uses.</summary>
    public static string Name(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    public async Task<string> CreateTopicAsync(int partitions, string? name = null)
    {
        name ??= Name("t");
        var request = new CreateTopicsRequest
        {
            TimeoutMs = 10_000,
            Topics = [new CreateTopicsRequest.CreatableTopic { Name = name, NumPartitions = partitions, ReplicationFactor = 1 }],
        };
        var response = await Client.SendAsync<CreateTopicsRequest, CreateTopicsResponse>(BrokerTarget.Controller, request, Token);
        Assert.Equal(ErrorCode.None, (ErrorCode)response.Topics[0].ErrorCode);
        return name;
    }

    /// <summary>Writes one batch.</summary>
    public async Task ProduceAsync(string topic, int partition, byte[] batch)
    {
        var metadata = await Client.Metadata.WaitForTopicAsync(topic, false, TimeSpan.FromSeconds(10), "test", Token);
        var request = new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 10_000,
            TopicData = [new ProduceRequest.TopicProduceData
            {
                Name = topic,
                TopicId = metadata.Id,
                PartitionData = [new ProduceRequest.PartitionProduceData { Index = partition, Records = batch }],
            }],
        };
        var error = ErrorCode.LeaderNotAvailable;
        while (error is ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderOrFollower
            or ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId)
        {
            var response = await Client.SendAsync<ProduceRequest, ProduceResponse>(BrokerTarget.Leader(topic, partition), request, Token);
            error = (ErrorCode)response.Responses[0].PartitionResponses[0].ErrorCode;
        }

        Assert.Equal(ErrorCode.None, error);
    }

    public Task ProduceAsync(string topic, int partition, params string?[] values) => ProduceAsync(topic, partition, Batches.Of(0, values));

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    private static KafkaClientOptions OptionsFor(EmbeddedBroker broker) =>
        new() { BootstrapServers = broker.BootstrapServers, Connector = broker.Connector };
}
