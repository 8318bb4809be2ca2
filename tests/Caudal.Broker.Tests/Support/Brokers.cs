using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Support;

/// <summary>Starts brokers, and says in one line what tests ask of them most.</summary>
internal static class Brokers
{
    /// <summary>A broker in memory that only this process reaches, unless the options say otherwise.</summary>
    public static async Task<EmbeddedBroker> StartAsync(EmbeddedBrokerOptions? options = null) =>
        await EmbeddedBroker.StartAsync(options ?? new EmbeddedBrokerOptions { Listen = false }, TestContext.Current.CancellationToken);

    /// <summary>A broker in memory with settings of Kafka's names, as name=value.</summary>
    public static Task<EmbeddedBroker> StartAsync(params string[] config) =>
        StartAsync(new EmbeddedBrokerOptions { Listen = false, Config = config.Select(Split).ToDictionary() });

    /// <summary>A topic's settings from name=value.</summary>
    public static CreateTopicsRequest.CreatableTopicConfig[] TopicConfigs(string[] configs) =>
        [.. configs.Select(Split).Select(c => new CreateTopicsRequest.CreatableTopicConfig { Name = c.Key, Value = c.Value })];

    /// <summary>Creates a topic and returns its id.</summary>
    public static async Task<Uuid> CreateTopicAsync(this TestClient client, string name, int partitions = 1, params string[] configs)
    {
        var topic = new CreateTopicsRequest.CreatableTopic
        {
            Name = name,
            NumPartitions = partitions,
            ReplicationFactor = 1,
            Configs = TopicConfigs(configs),
        };
        var response = await client.SendAsync(new CreateTopicsRequest { Topics = [topic] });
        Assert.Equal(ErrorCode.None, (ErrorCode)response.Topics[0].ErrorCode);
        return response.Topics[0].TopicId;
    }

    /// <summary>Produces to one partition by name and returns its part of the answer.</summary>
    public static async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        this TestClient client, string topic, byte[]? records, int partition = 0, short acks = -1, short version = 12)
    {
        var response = await client.SendAsync(Produce(topic, records, partition, acks), version);
        return response.Responses[0].PartitionResponses[0];
    }

    public static ProduceRequest Produce(string topic, byte[]? records, int partition = 0, short acks = -1) => new()
    {
        Acks = acks,
        TimeoutMs = 5000,
        TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = records }] }],
    };

    /// <summary>Fetches one partition by name.</summary>
    public static async Task<FetchResponse.PartitionData> FetchAsync(
        this TestClient client, string topic, long offset, int partition = 0, short version = 12)
    {
        var response = await client.SendAsync(Fetch(topic, offset, partition), version);
        Assert.Equal(ErrorCode.None, (ErrorCode)response.ErrorCode);
        return response.Responses[0].Partitions[0];
    }

    public static FetchRequest Fetch(
        string topic, long offset, int partition = 0, int maxWaitMs = 0, int minBytes = 1, int maxBytes = int.MaxValue)
    {
        var asked = new FetchRequest.FetchPartition { Partition = partition, FetchOffset = offset, PartitionMaxBytes = 1 << 20 };
        return new FetchRequest
        {
            MaxWaitMs = maxWaitMs,
            MinBytes = minBytes,
            MaxBytes = maxBytes,
            Topics = [new() { Topic = topic, Partitions = [asked] }],
        };
    }

    /// <summary>Describes one topic by name; nothing is created.</summary>
    public static async Task<MetadataResponse.MetadataResponseTopic> DescribeAsync(
        this TestClient client, string topic, bool create = false)
    {
        var response = await client.SendAsync(new MetadataRequest { Topics = [new() { Name = topic }], AllowAutoTopicCreation = create });
        return response.Topics[0];
    }

    private static KeyValuePair<string, string> Split(string config) =>
        config.Split('=', 2) is [var name, var value] ? new(name, value) : throw new ArgumentException(config);
}
