using Caudal.Broker;
using Caudal.Client;
using Caudal.Protocol;
using Caudal.Testing;
using Caudal.Transport;

[assembly: AssemblyFixture(typeof(EmbeddedBrokerFixture))]

namespace Caudal.Testing.Tests;

public class EmbeddedBrokerFixtureTests(EmbeddedBrokerFixture kafka)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_go_through_a_topic_of_the_tests_own()
    {
        var topic = await kafka.CreateTopicAsync(partitions: 2, cancellationToken: Cancel);
        await using var client = kafka.CreateClient();
        await using var producer = client.CreateProducer(new ProducerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8));
        await producer.ProduceAsync(new ProducerRecord<string?, string?>(topic, "k", "v"), Cancel);

        await using var consumer = client.CreateConsumer(new ConsumerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8)
        {
            GroupId = kafka.NewName(),
            AutoOffsetReset = AutoOffsetReset.Earliest,
        });
        consumer.Subscribe(topic);
        await foreach (var record in consumer.ConsumeAsync(Cancel))
        {
            Assert.Equal(("k", "v"), (record.Key, record.Value));
            break;
        }

        Assert.StartsWith("Records-go-through-a-topic-of-the-tests-own-", topic);
    }

    [Fact]
    public async Task Clients_of_other_languages_reach_it_by_a_port()
    {
        await using var client = new KafkaClient(kafka.ClientOptions with { Connector = new SocketConnector() });

        Assert.Single((await client.Admin.DescribeClusterAsync(Cancel)).Brokers);
    }

    [Fact]
    public async Task Names_and_topics_are_never_given_twice()
    {
        var topics = new[]
        {
            await kafka.CreateTopicAsync(cancellationToken: Cancel),
            await kafka.CreateTopicAsync(cancellationToken: Cancel),
            await kafka.CreateTopicAsync(name: "", cancellationToken: Cancel),
            await kafka.CreateTopicAsync(name: new string('x', 300), cancellationToken: Cancel),
            kafka.NewName("g"),
            kafka.NewName("g"),
        };

        Assert.Distinct(topics);
    }

    [Fact]
    public async Task A_fault_strikes_the_test_that_it_is_meant_for()
    {
        var topic = await kafka.CreateTopicAsync(cancellationToken: Cancel);
        using var fault = kafka.Faults.Fail(
            ApiKey.Produce, ErrorCode.NotEnoughReplicas, times: 1, new FaultScope { Topic = topic });
        await using var client = kafka.CreateClient();
        await using var producer = client.CreateProducer(new ProducerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8));

        var stored = await producer.ProduceAsync(new ProducerRecord<string?, string?>(topic, "k", "v"), Cancel);

        Assert.Equal((0L, 1), (stored.Offset, fault.Hits));
    }

    [Fact]
    public void A_clock_that_is_not_there_says_what_to_do() =>
        Assert.Contains("new ManualClock()", Assert.Throws<InvalidOperationException>(() => kafka.Clock).Message);

    [Fact]
    public async Task A_fixture_that_was_not_started_says_so()
    {
        await using var idle = new EmbeddedBrokerFixture();

        Assert.Contains("not started", Assert.Throws<InvalidOperationException>(() => idle.BootstrapServers).Message);
    }
}
