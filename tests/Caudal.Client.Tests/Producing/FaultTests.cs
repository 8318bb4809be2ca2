using Caudal.Client.Tests.Fakes;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Producing;

public sealed class FaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_breaks_neither_loses_nor_doubles_records(bool afterAppend)
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        cluster.Script = ProduceFaults.Sequence(ProduceFaults.Well, afterAppend ? ProduceFaults.LoseAnswer : ProduceFaults.LoseRequest);

        var values = await ProduceAsync(cluster, 500);

        Assert.Equal(values, log.Values);
    }

    [Theory]
    [InlineData(ErrorCode.NotLeaderOrFollower)]
    [InlineData(ErrorCode.LeaderNotAvailable)]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.NotEnoughReplicasAfterAppend)]
    [InlineData(ErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.KafkaStorageError)]
    [InlineData(ErrorCode.CorruptMessage)]
    public async Task An_error_that_passes_keeps_the_order_of_what_is_in_flight(ErrorCode error)
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        cluster.Script = ProduceFaults.Sequence(
            ProduceFaults.Well, ProduceFaults.Error(error), ProduceFaults.Well, ProduceFaults.Well, ProduceFaults.Error(error));

        var values = await ProduceAsync(cluster, 1000);

        Assert.Equal(values, log.Values);
        Assert.All(log.Epochs, epoch => Assert.Equal(0, epoch));
    }

    [Fact]
    public async Task A_leader_that_moves_is_followed()
    {
        await using var cluster = new FakeCluster(brokers: 2);
        var log = cluster.AddTopic("t")[0];
        var moved = 0;
        cluster.Script = call =>
        {
            if (call.Key == ApiKey.Produce && log.Values.Count > 100 && Interlocked.Exchange(ref moved, 1) == 0)
                (log.Leader, log.LeaderEpoch) = (2, 2);
            return default;
        };

        var values = await ProduceAsync(cluster, 1000);

        Assert.Equal(values, log.Values);
        Assert.Equal(2, cluster.Calls.Last(call => call.Key == ApiKey.Produce).Broker.Id);
    }

    [Fact]
    public async Task A_broker_that_lost_count_starts_a_new_epoch()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var forgot = 0;
        cluster.Script = call =>
        {
            if (call.Key == ApiKey.Produce && log.Values.Count > 100 && Interlocked.Exchange(ref forgot, 1) == 0)
                log.ForgetProducers();
            return default;
        };

        var values = await ProduceAsync(cluster, 1000);

        Assert.Equal(values, log.Values);
        Assert.Equal([(short)0, (short)1], log.Epochs.Distinct());
    }

    [Fact]
    public async Task A_batch_that_is_refused_for_good_fails_alone()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        cluster.Script = ProduceFaults.Sequence(ProduceFaults.Well, ProduceFaults.Error(ErrorCode.InvalidRecord));
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 200 }));
        var handler = new CollectingHandler();

        foreach (var value in TestTexts.Numbers(500))
            await producer.EnqueueAsync(TestTexts.Record("t", value), handler, Token);
        await producer.FlushAsync(Token);

        Assert.NotEmpty(handler.Errors);
        Assert.All(handler.Errors, error => Assert.Equal(ErrorCode.InvalidRecord, ((BrokerErrorException)error).Code));
        Assert.Equal(500, handler.Errors.Count + log.Values.Count);
        Assert.Equal(log.Values.OrderBy(int.Parse), log.Values);
        Assert.All(log.Epochs, epoch => Assert.Equal(0, epoch));
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Lz4)]
    public async Task A_batch_that_is_too_large_for_the_topic_is_split(CompressionType codec)
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        log.MaxBatchBytes = 500;
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 4000, Compression = codec }));
        var handler = new CollectingHandler();
        var values = TestTexts.Numbers(2000);

        foreach (var value in values)
            await producer.EnqueueAsync(TestTexts.Record("t", value), handler, Token);
        await producer.FlushAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);

        Assert.Equal(values, log.Values);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (long)i), handler.Offsets);
        Assert.Equal(new ProducerOptions().BufferMemory, producer.Accumulator.Budget.Available);
        Assert.All(log.Epochs, epoch => Assert.Equal(0, epoch));
    }

    [Fact]
    public async Task A_repetition_that_the_broker_recognises_counts_as_written()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        cluster.Script = ProduceFaults.Sequence(ProduceFaults.Error(ErrorCode.DuplicateSequenceNumber));
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options());

        Assert.Equal(-1, (await producer.ProduceAsync(TestTexts.Record("t", "a"), Token)).Offset);
    }

    [Fact]
    public async Task A_cluster_that_gives_no_producer_id_for_good_fails_records_with_the_reason()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        cluster.Script = call => ValueTask.FromResult(
            call.Key == ApiKey.InitProducerId
                ? new FakeReply(new InitProducerIdResponse { ErrorCode = (short)ErrorCode.ClusterAuthorizationFailed })
                : null);
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options());

        var error = await Assert.ThrowsAsync<BrokerErrorException>(() => producer.ProduceAsync(TestTexts.Record("t", "a"), Token).AsTask());
        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, error.Code);
    }

    [Fact]
    public async Task A_record_that_cannot_be_sent_is_given_up_after_the_delivery_timeout()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t")[0].Leader = -1;
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { DeliveryTimeout = TimeSpan.FromMilliseconds(100) }));

        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(
            () => producer.ProduceAsync(TestTexts.Record("t", "a"), Token).AsTask());
        Assert.Contains("t-0 were not delivered within 100 ms (delivery.timeout.ms). The partition has no leader", error.Message);
    }

    [Fact]
    public async Task Numbers_have_no_gap_after_a_batch_was_given_up()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var refuse = true;
        cluster.Script = call => ValueTask.FromResult(
            call.Key == ApiKey.Produce && Volatile.Read(ref refuse) ? ProduceFaults.Error(ErrorCode.NotEnoughReplicas)(call) : null);
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { DeliveryTimeout = TimeSpan.FromSeconds(1) }));

        await Assert.ThrowsAsync<KafkaTimeoutException>(() => producer.ProduceAsync(TestTexts.Record("t", "lost"), Token).AsTask());
        Volatile.Write(ref refuse, false);
        await producer.ProduceAsync(TestTexts.Record("t", "kept"), Token);

        Assert.Equal(["kept"], log.Values);
        Assert.Equal([(short)0], log.Epochs);
    }

    [Fact]
    public async Task A_batch_whose_fate_is_unknown_is_never_given_up()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var answers = 0;
        // The first attempt is written but its answer lost; then the broker refuses for longer than the delivery timeout.
        cluster.Script = call => ValueTask.FromResult(call.Key != ApiKey.Produce ? null : Interlocked.Increment(ref answers) switch
        {
            1 => ProduceFaults.LoseAnswer(call),
            < 60 => ProduceFaults.Error(ErrorCode.NotEnoughReplicas)(call),
            _ => null,
        });
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { DeliveryTimeout = TimeSpan.FromMilliseconds(20) }));

        Assert.Equal(0, (await producer.ProduceAsync(TestTexts.Record("t", "once"), Token)).Offset);
        Assert.Equal(["once"], log.Values);
    }

    [Fact]
    public async Task Five_requests_at_most_are_unanswered()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 100 }));
        var partition = (await producer.Accumulator.GetTopicAsync("t", Token)).Partitions[0];
        var most = 0;
        cluster.Script = call =>
        {
            most = Math.Max(most, partition.InFlight);
            return default;
        };

        foreach (var value in TestTexts.Numbers(2000))
            await producer.EnqueueAsync(TestTexts.Record("t", value), null, Token);
        await producer.FlushAsync(Token);

        Assert.Equal(2000, log.Values.Count);
        Assert.InRange(most, 2, 5);
    }

    private static async Task<string[]> ProduceAsync(FakeCluster cluster, int count)
    {
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 200 }));
        var values = TestTexts.Numbers(count);
        var handler = new CollectingHandler();
        foreach (var value in values)
            await producer.EnqueueAsync(TestTexts.Record("t", value), handler, Token);
        await producer.FlushAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Empty(handler.Errors);
        return values;
    }
}
