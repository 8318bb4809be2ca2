using Confluent.Kafka;

namespace Caudal.Broker.Tests.Interop;

/// <summary>Confluent.Kafka's clients of a broker, set up for tests: nothing is committed and nothing expires by itself.</summary>
internal static class Librdkafka
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static IProducer<string, string> Producer(EmbeddedBroker broker, string? transactionalId = null) =>
        new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            EnableIdempotence = true,
            TransactionalId = transactionalId,
            LingerMs = 0,
        }).Build();

    public static IConsumer<string, T> Consumer<T>(
        EmbeddedBroker broker,
        string group,
        PartitionAssignmentStrategy strategy = PartitionAssignmentStrategy.Range,
        IsolationLevel isolation = IsolationLevel.ReadCommitted) =>
        new ConsumerBuilder<string, T>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = group,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            // A member hears of a rebalance with its next heartbeat.
            HeartbeatIntervalMs = 100,
            PartitionAssignmentStrategy = strategy,
            IsolationLevel = isolation,
        }).Build();

    public static IAdminClient Admin(EmbeddedBroker broker) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();

    public static async Task ProduceAsync(EmbeddedBroker broker, string topic, int records)
    {
        using var producer = Producer(broker);
        var sent = Enumerable.Range(0, records)
            .Select(i => producer.ProduceAsync(
                topic, new Message<string, string> { Key = $"k{i}", Value = $"v{i}" }, TestContext.Current.CancellationToken));
        Assert.All(await Task.WhenAll(sent), result => Assert.Equal(PersistenceStatus.Persisted, result.Status));
    }

    /// <summary>Everything that a topic holds, up to the end of each of its partitions.</summary>
    public static List<ConsumeResult<string, T>> ReadAll<T>(
        EmbeddedBroker broker, string topic, int partitions = 1, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        using var consumer = Consumer<T>(broker, "reads all", isolation: isolation);
        consumer.Assign(Enumerable.Range(0, partitions).Select(i => new TopicPartitionOffset(topic, i, Offset.Beginning)));
        var records = new List<ConsumeResult<string, T>>();
        var open = new HashSet<int>(Enumerable.Range(0, partitions));
        while (open.Count > 0)
        {
            var result = consumer.Consume(Patience);
            Assert.NotNull(result);
            if (result.IsPartitionEOF)
                open.Remove(result.Partition.Value);
            else
                records.Add(result);
        }

        consumer.Close();
        return records;
    }
}
