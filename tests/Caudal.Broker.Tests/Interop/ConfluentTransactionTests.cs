using Caudal.Broker.Tests.Support;
using Confluent.Kafka;

namespace Caudal.Broker.Tests.Interop;

public class ConfluentTransactionTests
{
    private const int Records = 500;
    private const int Batch = 50;

    [Fact]
    public async Task Librdkafka_consumes_transforms_and_produces_exactly_once()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await Librdkafka.ProduceAsync(broker, "in", Records);
        using var consumer = Librdkafka.Consumer<string>(broker, "g");
        using var producer = Librdkafka.Producer(broker, "tx");
        producer.InitTransactions(Librdkafka.Patience);
        consumer.Subscribe("in");

        // Every other batch is first done in vain.
        for (var i = 0; i < Records / Batch; i++)
        {
            var batch = Take(consumer);
            if (i % 2 == 0)
            {
                Transform(producer, consumer, batch);
                producer.AbortTransaction(Librdkafka.Patience);
            }

            Transform(producer, consumer, batch);
            producer.CommitTransaction(Librdkafka.Patience);
        }

        var committed = consumer.Committed(consumer.Assignment, Librdkafka.Patience).Sum(c => c.Offset.Value);
        consumer.Close();
        var counted = Librdkafka.ReadAll<string>(broker, "out");
        var all = Librdkafka.ReadAll<string>(broker, "out", isolation: IsolationLevel.ReadUncommitted);
        Assert.Equal(Records, committed);
        Assert.Equal(Enumerable.Range(0, Records).Select(i => $"v{i}!"), counted.Select(r => r.Message.Value));
        Assert.Equal(Records * 3 / 2, all.Count);
    }

    [Fact]
    public async Task Librdkafkas_second_producer_of_an_id_fences_the_first()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        using var first = Librdkafka.Producer(broker, "tx");
        first.InitTransactions(Librdkafka.Patience);
        first.BeginTransaction();
        await first.ProduceAsync("t", new Message<string, string> { Value = "lost" }, TestContext.Current.CancellationToken);

        using var second = Librdkafka.Producer(broker, "tx");
        second.InitTransactions(Librdkafka.Patience);
        second.BeginTransaction();
        await second.ProduceAsync("t", new Message<string, string> { Value = "kept" }, TestContext.Current.CancellationToken);
        second.CommitTransaction(Librdkafka.Patience);

        var fenced = Assert.ThrowsAny<KafkaException>(() => first.CommitTransaction(Librdkafka.Patience));
        Assert.Equal(Confluent.Kafka.ErrorCode.Local_Fenced, fenced.Error.Code);
        Assert.Equal(["kept"], Librdkafka.ReadAll<string>(broker, "t").Select(r => r.Message.Value));
    }

    private static List<ConsumeResult<string, string>> Take(IConsumer<string, string> consumer)
    {
        var batch = new List<ConsumeResult<string, string>>();
        while (batch.Count < Batch)
        {
            var result = consumer.Consume(Librdkafka.Patience);
            Assert.NotNull(result);
            if (!result.IsPartitionEOF)
                batch.Add(result);
        }

        return batch;
    }

    private static void Transform(
        IProducer<string, string> producer, IConsumer<string, string> consumer, List<ConsumeResult<string, string>> batch)
    {
        producer.BeginTransaction();
        foreach (var record in batch)
            producer.Produce("out", new Message<string, string> { Key = record.Message.Key, Value = $"{record.Message.Value}!" });
        // What has not left yet would never leave if this is aborted.
        producer.Flush(Librdkafka.Patience);
        var last = batch[^1].TopicPartitionOffset;
        producer.SendOffsetsToTransaction(
            [new TopicPartitionOffset(last.TopicPartition, last.Offset + 1)], consumer.ConsumerGroupMetadata, Librdkafka.Patience);
    }
}
