using Caudal.Client.Tests.Consuming;
using Caudal.Client.Tests.Fakes;

namespace Caudal.Client.Tests.Transactions;

/// <summary>The loop that consumes and produces exactly once, on a whole cluster.</summary>
public sealed class ExactlyOnceTests
{
    private const int Partitions = 3;
    private const int Each = 80;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_record_has_its_effect_once_while_connections_are_cut_and_members_come_and_go(int seed)
    {
        await using var cluster = await ClusterTransactionTests.StartAsync();
        var (input, output) = (await cluster.CreateTopicAsync(Partitions), await cluster.CreateTopicAsync(Partitions));
        await FillAsync(cluster, input);
        CuttingConnector? cutting = null;
        await using var client = cluster.NewClient(inner => cutting = new CuttingConnector(inner, seed, 60));
        var group = TestCluster.Name("g");
        var handled = 0;
        using var all = CancellationTokenSource.CreateLinkedTokenSource(Token);

        // One stays; the other comes, works for a while, and leaves, again and again.
        var first = RunAsync(client, group, input, output, () => Interlocked.Increment(ref handled), all.Token);
        var second = Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!all.IsCancellationRequested)
            {
                using var shift = CancellationTokenSource.CreateLinkedTokenSource(all.Token);
                var left = random.Next(10, 30);
                await RunAsync(client, group, input, output, () =>
                {
                    Interlocked.Increment(ref handled);
                    if (Interlocked.Decrement(ref left) == 0)
                        shift.Cancel();
                }, shift.Token);
            }
        }, Token);
        await using var consumer = cluster.Client.CreateConsumer(ClusterTransactionTests.Reading);
        consumer.Assign([.. Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(output, partition))]);
        var seen = await TakeAllAsync(consumer);
        cutting!.IsOn = false;
        await all.CancelAsync();
        await Task.WhenAll(first, second);

        // Nothing comes behind what is complete.
        for (var partition = 0; partition < Partitions; partition++)
        {
            Assert.Equal(TestTexts.Numbers(Each), seen[partition]);
            var place = new TopicPartition(output, partition);
            Assert.Equal(Each, await CountAsync(cluster.Client, place));
        }

        Assert.True(cutting.Cuts > 0);
        Assert.InRange(handled, Partitions * Each, int.MaxValue);
    }

    [Fact]
    public async Task A_handler_that_fails_leaves_no_trace_and_its_records_come_again()
    {
        await using var cluster = await ClusterTransactionTests.StartAsync();
        var (input, output) = (await cluster.CreateTopicAsync(1), await cluster.CreateTopicAsync(1));
        await cluster.ProduceAsync(input, 0, "0", "1", "2", "3");
        await using var consumer = Consumer(cluster.Client, TestCluster.Name("g"), input);
        await using var producer = Producer(cluster.Client);
        var loop = new ExactlyOnceLoop<string?, string?, string?, string?>(consumer, producer, new() { MaxRecords = 2 });
        var failed = false;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        async ValueTask HandleAsync(
            ConsumeResult<string?, string?> record, Transaction<string?, string?> transaction, CancellationToken cancellationToken)
        {
            await transaction.EnqueueAsync(new(output, null, record.Value), cancellationToken: cancellationToken);
            if (record.Value == "3" && !failed)
            {
                failed = true;
                throw new FormatException("not today");
            }

            if (record.Value == "3")
                await stop.CancelAsync();
        }

        await Assert.ThrowsAsync<FormatException>(() => loop.RunAsync(HandleAsync, stop.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop.RunAsync(HandleAsync, stop.Token));

        await using var reader = cluster.Client.CreateConsumer(ClusterTransactionTests.Reading);
        reader.Assign(new TopicPartitionOffset(new TopicPartition(output, 0), 0));
        Assert.Equal(["0", "1", "2", "3"], await ConsumerFixture.TakeAsync(reader, 4));
        Assert.Equal(4, (await consumer.CommittedAsync([new(input, 0)], Token))[new(input, 0)]);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_before_it_runs()
    {
        await using var fixture = new TransactionFixture(second: true);
        await using var cluster = new ConsumerFixture();
        var automatic = cluster.Consumer(ConsumerFixture.Options with { GroupId = "g" });
        var manual = cluster.Consumer(ConsumerFixture.Options with { GroupId = "g", EnableAutoCommit = false });
        await using var plain = cluster.Client.CreateProducer(TestTexts.Options());

        Assert.Contains("enable.auto.commit", Error(automatic, fixture.Producer, null));
        Assert.Contains("transactional.id", Error(manual, plain, null));
        Assert.Contains("MaxRecords", Error(manual, fixture.Producer, new() { MaxRecords = 0 }));

        static string Error(Consumer<string?, string?> consumer, Producer<string?, string?> producer, ExactlyOnceOptions? options) =>
            Assert.Throws<ArgumentException>(
                () => new ExactlyOnceLoop<string?, string?, string?, string?>(consumer, producer, options)).Message;
    }

    private static Consumer<string?, string?> Consumer(KafkaClient client, string group, string topic)
    {
        var consumer = client.CreateConsumer(ClusterTransactionTests.Reading with
        {
            GroupId = group,
            EnableAutoCommit = false,
            HeartbeatInterval = TimeSpan.FromMilliseconds(50),
            SessionTimeout = TimeSpan.FromSeconds(6),
        });
        consumer.Subscribe(topic);
        return consumer;
    }

    private static Producer<string?, string?> Producer(KafkaClient client) =>
        client.CreateProducer(TestTexts.Options(new() { TransactionalId = TestCluster.Name("p"), Linger = TimeSpan.Zero }));

    private static async Task RunAsync(
        KafkaClient client, string group, string input, string output, Action handled, CancellationToken cancellationToken)
    {
        await using var consumer = Consumer(client, group, input);
        await using var producer = Producer(client);
        var loop = new ExactlyOnceLoop<string?, string?, string?, string?>(
            consumer, producer, new() { MaxRecords = 17, Interval = TimeSpan.FromMilliseconds(5) });
        try
        {
            await loop.RunAsync(
                async (record, transaction, token) =>
                {
                    await transaction.EnqueueAsync(new(output, null, record.Value) { Partition = record.Partition }, null, token);
                    handled();
                },
                cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    private static async Task FillAsync(TestCluster cluster, string topic)
    {
        for (var partition = 0; partition < Partitions; partition++)
        {
            foreach (var values in TestTexts.Numbers(Each).Chunk(20))
                await cluster.ProduceAsync(topic, partition, values);
        }
    }

    private static async Task<List<string>[]> TakeAllAsync(Consumer<string?, string?> consumer)
    {
        List<string>[] seen = [.. Enumerable.Range(0, Partitions).Select(_ => new List<string>())];
        await foreach (var record in consumer.ConsumeAsync(Token))
        {
            seen[record.Partition].Add(record.Value!);
            if (seen.Sum(values => values.Count) == Partitions * Each)
                break;
        }

        return seen;
    }

    private static async Task<int> CountAsync(KafkaClient client, TopicPartition partition) =>
        (await ClusterTransactionTests.ReadAsync(client, partition)).Count;
}
