using System.Globalization;
using Caudal.Client.Tests.Consuming;
using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Transactions;

/// <summary>Transactions on a whole cluster: the embedded broker, or the one that <c>CAUDAL_TEST_BOOTSTRAP</c> names.</summary>
public sealed class ClusterTransactionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_of_committed_records_see_whole_transactions_only()
    {
        await using var cluster = await StartAsync();
        var topic = await cluster.CreateTopicAsync(3);
        await using var producer = cluster.Client.CreateProducer(Options(TestCluster.Name("p")));
        List<string>[] expected = [[], [], []];
        for (var round = 0; round < 12; round++)
        {
            await using var transaction = await producer.BeginTransactionAsync(Token);
            for (var i = 0; i < 60; i++)
            {
                var value = $"{round}-{i}";
                await transaction.EnqueueAsync(new(topic, null, value) { Partition = i % 3 }, cancellationToken: Token);
                if (round % 3 != 1)
                    expected[i % 3].Add(value);
            }

            if (round % 3 != 1)
                await transaction.CommitAsync(Token);
            else if (round % 2 == 0)
                await transaction.AbortAsync(Token);
        }

        for (var partition = 0; partition < 3; partition++)
            Assert.Equal(expected[partition], await ReadAsync(cluster.Client, new TopicPartition(topic, partition)));
    }

    [Fact]
    public async Task Offsets_count_with_their_transaction()
    {
        await using var cluster = await StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        var group = TestCluster.Name("g");
        await using var producer = cluster.Client.CreateProducer(Options(TestCluster.Name("p")));
        await using var consumer = cluster.Client.CreateConsumer(Reading with { GroupId = group, EnableAutoCommit = false });
        consumer.Subscribe(topic);
        await using (var transaction = await producer.BeginTransactionAsync(Token))
        {
            await transaction.ProduceAsync(TestTexts.Record(topic, "a"), Token);
            await transaction.CommitAsync(Token);
        }

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        await using (var transaction = await producer.BeginTransactionAsync(Token))
            await transaction.SendOffsetsAsync([new(topic, 0, 1)], consumer.GroupMetadata, Token);
        Assert.Empty(await consumer.CommittedAsync([new TopicPartition(topic, 0)], Token));
        await using (var transaction = await producer.BeginTransactionAsync(Token))
        {
            await transaction.SendOffsetsAsync([new(topic, 0, 1)], consumer.GroupMetadata, Token);
            await transaction.CommitAsync(Token);
        }

        Assert.Equal(1, (await consumer.CommittedAsync([new TopicPartition(topic, 0)], Token))[new TopicPartition(topic, 0)]);
        var stale = consumer.GroupMetadata with { GenerationId = 77 };
        await using (var transaction = await producer.BeginTransactionAsync(Token))
        {
            var error = await Assert.ThrowsAsync<TransactionAbortableException>(
                () => transaction.SendOffsetsAsync([new(topic, 0, 9)], stale, Token).AsTask());
            Assert.Equal(ErrorCode.IllegalGeneration, error.Code);
            await transaction.AbortAsync(Token);
        }
    }

    [Fact]
    public async Task The_producer_that_began_last_fences_the_others()
    {
        await using var cluster = await StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        var id = TestCluster.Name("p");
        await using var first = cluster.Client.CreateProducer(Options(id));
        await using var second = cluster.Client.CreateProducer(Options(id));
        var old = await first.BeginTransactionAsync(Token);
        await old.ProduceAsync(TestTexts.Record(topic, "old"), Token);
        await using (var transaction = await second.BeginTransactionAsync(Token))
        {
            await transaction.ProduceAsync(TestTexts.Record(topic, "new"), Token);
            await transaction.CommitAsync(Token);
        }

        await Assert.ThrowsAsync<ProducerFencedException>(() => old.CommitAsync(Token).AsTask());
        await Assert.ThrowsAsync<ProducerFencedException>(() => first.BeginTransactionAsync(Token).AsTask());
        Assert.Equal(["new"], await ReadAsync(cluster.Client, new TopicPartition(topic, 0)));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    public async Task Several_producers_at_once_read_as_their_commits_say(int seed, bool cuts)
    {
        await using var cluster = await StartAsync();
        var topic = await cluster.CreateTopicAsync(2);
        CuttingConnector? cutting = null;
        await using var client = cluster.NewClient(
            inner => cutting = new CuttingConnector(inner, seed, cuts ? 30 : int.MaxValue) { IsOn = cuts });
        var committed = new List<string>[3];
        await Task.WhenAll(Enumerable.Range(0, 3).Select(number => Task.Run(
            async () =>
            {
                var random = new Random((seed * 10) + number);
                await using var producer = client.CreateProducer(Options(TestCluster.Name("p")));
                var mine = committed[number] = [];
                for (var round = 0; round < 15; round++)
                {
                    await using var transaction = await producer.BeginTransactionAsync(Token);
                    List<string> values = [];
                    for (var i = random.Next(40); i >= 0; i--)
                    {
                        values.Add(string.Create(CultureInfo.InvariantCulture, $"{number}-{round}-{i}"));
                        await transaction.EnqueueAsync(new(topic, null, values[^1]) { Partition = i % 2 }, cancellationToken: Token);
                    }

                    if (random.Next(3) == 0)
                        continue;
                    await transaction.CommitAsync(Token);
                    mine.AddRange(values);
                }
            },
            Token)));

        Assert.Equal(cuts, cutting!.Cuts > 0);
        string[] seen = [.. await ReadAsync(cluster.Client, new(topic, 0)), .. await ReadAsync(cluster.Client, new(topic, 1))];
        Assert.Equal(committed.SelectMany(values => values).Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        foreach (var mine in committed)
        {
            foreach (var parity in (string[])["0", "1"])
            {
                var partition = int.Parse(parity, CultureInfo.InvariantCulture);
                var order = mine.Where(v => int.Parse(v.Split('-')[2], CultureInfo.InvariantCulture) % 2 == partition);
                Assert.Equal(order, seen.Where(new HashSet<string>(order).Contains));
            }
        }
    }

    internal static async Task<TestCluster> StartAsync()
    {
        var cluster = await TestCluster.StartAsync();
        var versions = await cluster.Client.SendAsync<ApiVersionsRequest, ApiVersionsResponse>(
            BrokerTarget.Any, new ApiVersionsRequest { ClientSoftwareName = "tests", ClientSoftwareVersion = "1" }, Token);
        Assert.SkipUnless(
            Array.Exists(versions.ApiKeys, api => api.ApiKey == (short)ApiKey.EndTxn), "The broker has no transactions yet.");
        return cluster;
    }

    internal static ConsumerOptions<string?, string?> Reading =>
        ConsumerFixture.Options with { IsolationLevel = IsolationLevel.ReadCommitted };

    internal static ProducerOptions<string?, string?> Options(string id) => TestTexts.Options(new() { TransactionalId = id });

    // Everything up to the end. Markers may be written a little after the commit was answered: what is there is waited for.
    internal static async Task<List<string>> ReadAsync(KafkaClient client, TopicPartition partition)
    {
        await using var consumer = client.CreateConsumer(Reading);
        await using var uncommitted = client.CreateConsumer(ConsumerFixture.Options);
        var end = (await uncommitted.EndOffsetsAsync([partition], Token))[partition];
        consumer.Assign(new TopicPartitionOffset(partition, 0));
        List<string> values = [];
        while (consumer.Position(partition) is not { } position || position < end)
        {
            using var lease = await consumer.FetchAsync(TimeSpan.FromMilliseconds(200), Token);
            if (lease is null)
                continue;
            foreach (var record in lease)
                values.Add(System.Text.Encoding.UTF8.GetString(record.Value));
        }

        return values;
    }
}
