using Caudal.Broker.Tests.Support;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Caudal.Broker.Tests.Interop;

public class ConfluentClientTests
{
    private const int Records = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Zstd)]
    public async Task Librdkafka_produces_idempotently_and_consumes_in_a_group(CompressionType compression)
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await ProduceAsync(broker, compression);

        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = "g",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        }).Build();
        consumer.Subscribe("t");
        var seen = new List<string>();
        while (seen.Count < Records)
        {
            var result = consumer.Consume(Patience);
            Assert.NotNull(result);
            seen.Add(result.Message.Value);
        }

        consumer.Commit();
        var committed = consumer.Committed(consumer.Assignment, Patience).Sum(c => c.Offset.Value);
        consumer.Close();

        Assert.Equal(Enumerable.Range(0, Records).Select(i => $"v{i}").Order(), seen.Order());
        Assert.Equal(Records, committed);
    }

    [Fact]
    public async Task Librdkafkas_admin_client_sees_what_it_did()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();

        await admin.CreateTopicsAsync([new TopicSpecification { Name = "t", NumPartitions = 2, ReplicationFactor = 1 }]);
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = "t", IncreaseTo = 4 }]);
        await admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [new ConfigResource { Type = ResourceType.Topic, Name = "t" }] =
                [new ConfigEntry { Name = "retention.ms", Value = "42", IncrementalOperation = AlterConfigOpType.Set }],
        });
        var described = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = "t" }]);
        var metadata = admin.GetMetadata("t", Patience);
        await admin.DeleteTopicsAsync(["t"]);

        Assert.Equal("42", described[0].Entries["retention.ms"].Value);
        Assert.Equal(4, metadata.Topics[0].Partitions.Count);
        Assert.DoesNotContain(admin.GetMetadata(Patience).Topics, t => t.Topic == "t");
    }

    private static async Task ProduceAsync(EmbeddedBroker broker, CompressionType compression)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            EnableIdempotence = true,
            CompressionType = compression,
        }).Build();
        var sent = Enumerable.Range(0, Records)
            .Select(i => producer.ProduceAsync(
                "t", new Message<string, string> { Key = $"k{i}", Value = $"v{i}" }, TestContext.Current.CancellationToken));
        var results = await Task.WhenAll(sent);
        Assert.All(results, result => Assert.Equal(PersistenceStatus.Persisted, result.Status));
    }
}
