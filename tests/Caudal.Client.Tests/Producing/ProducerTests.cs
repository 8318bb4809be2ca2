using Caudal.Client.Tests.Fakes;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Client.Tests.Producing;

public sealed class ProducerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_awaited_record_is_told_where_it_was_written()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t", 3)[2];
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options());
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

        await producer.ProduceAsync(new("t", "k", "first") { Partition = 2 }, Token);
        var second = await producer.ProduceAsync(
            new("t", "k", null)
            {
                Partition = 2,
                Timestamp = time,
                Headers = [new RecordHeader("version", "1.0"u8.ToArray()), new RecordHeader("none", null)],
            },
            Token);

        Assert.Equal(new RecordMetadata("t", 2, 1, time), second);
        Assert.Equal(["first", "<null>"], log.Values);
        Assert.Equal(["k", "k"], log.Keys);
        Assert.Equal(1_700_000_000_123, log.Timestamps[1]);
        Assert.Equal(["version=1.0", "none=<null>"], log.Headers[1]);
    }

    [Fact]
    public async Task Records_stay_in_order_and_travel_in_batches()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 1000 }));
        var values = TestTexts.Numbers(2000);

        foreach (var value in values)
            await producer.EnqueueAsync(TestTexts.Record("t", value), cancellationToken: Token);
        await producer.FlushAsync(Token);

        Assert.Equal(values, log.Values);
        Assert.InRange(log.Batches.Count, 10, 400);
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task Batches_are_compressed(CompressionType codec)
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 2000, Compression = codec }));
        var values = TestTexts.Numbers(1000);

        foreach (var value in values)
            await producer.EnqueueAsync(TestTexts.Record("t", value), cancellationToken: Token);
        await producer.FlushAsync(Token);

        Assert.Equal(values, log.Values);
        Assert.Equal((int)codec, log.Codec);
    }

    [Fact]
    public async Task A_lone_awaited_record_does_not_linger()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        var time = new FakeTimeProvider();
        await using var client = new KafkaClient(cluster.ClientOptions with { TimeProvider = time });
        await using var producer = client.CreateProducer(
            TestTexts.Options(new() { Linger = TimeSpan.FromHours(1), DeliveryTimeout = TimeSpan.FromHours(2) }));

        for (var i = 0; i < 20; i++)
            Assert.Equal(i, (await producer.ProduceAsync(TestTexts.Record("t", "x"), Token)).Offset);
    }

    [Fact]
    public async Task Awaited_records_gather_while_an_earlier_one_is_on_its_way()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var held = new TaskCompletionSource<FakeReply?>();
        cluster.Script = call => call.Key == ApiKey.Produce && cluster.Count(ApiKey.Produce) == 1
            ? new ValueTask<FakeReply?>(held.Task)
            : default;
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(
            TestTexts.Options(new() { Linger = TimeSpan.FromHours(1), DeliveryTimeout = TimeSpan.FromHours(2) }));
        var first = producer.ProduceAsync(TestTexts.Record("t", "first"), Token).AsTask();
        await cluster.WhenAsync(c => c.Count(ApiKey.Produce) == 1);
        var others = TestTexts.Numbers(99).Select(value => producer.ProduceAsync(TestTexts.Record("t", value), Token).AsTask()).ToArray();

        held.SetResult(null);
        await first;
        await Task.WhenAll(others);

        Assert.Equal([1, 99], log.Batches);
    }

    [Fact]
    public async Task Enqueued_records_linger_for_as_long_as_they_are_told()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var time = new FakeTimeProvider();
        await using var client = new KafkaClient(cluster.ClientOptions with { TimeProvider = time });
        await using var producer = client.CreateProducer(TestTexts.Options());
        await producer.ProduceAsync(TestTexts.Record("t", "the connection is there"), Token);

        await producer.EnqueueAsync(TestTexts.Record("t", "a"), cancellationToken: Token);
        time.Advance(TimeSpan.FromMilliseconds(4));
        await producer.EnqueueAsync(TestTexts.Record("t", "b"), cancellationToken: Token);
        Assert.Equal(1, cluster.Count(ApiKey.Produce));
        time.Advance(TimeSpan.FromMilliseconds(1));
        await cluster.WhenAsync(_ => log.Values.Count == 3);

        Assert.Equal([1, 2], log.Batches);
    }

    [Fact]
    public async Task Without_acknowledgements_records_count_as_delivered_when_they_are_sent()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { Acks = Acks.None }));

        var metadata = await producer.ProduceAsync(TestTexts.Record("t", "a"), Token);

        Assert.Equal(-1, metadata.Offset);
        await cluster.WhenAsync(_ => log.Values.Count == 1);
        Assert.Equal([(short)-1], log.Epochs);
        Assert.Equal(0, cluster.Count(ApiKey.InitProducerId));
    }

    [Fact]
    public async Task A_slow_handler_holds_up_neither_sending_nor_awaiting()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options());
        using var handler = new BlockingHandler();

        await producer.EnqueueAsync(TestTexts.Record("t", "a"), handler, Token);
        await handler.Called.Task.WaitAsync(Token);
        var second = producer.EnqueueAsync(TestTexts.Record("t", "b"), null, Token);
        await second;
        await cluster.WhenAsync(_ => log.Values.Count == 2);
        handler.Release.Set();
        await producer.FlushAsync(Token);

        Assert.Equal(["a", "b"], log.Values);
    }

    [Fact]
    public async Task Handlers_are_told_in_order_and_flush_waits_for_them()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 200 }));
        var handler = new CollectingHandler();

        for (var i = 0; i < 500; i++)
            await producer.EnqueueAsync(TestTexts.Record("t", "x"), handler, Token);
        await producer.FlushAsync(Token);

        Assert.Equal(Enumerable.Range(0, 500).Select(i => (long)i), handler.Offsets);
        Assert.Empty(handler.Errors);
    }

    [Fact]
    public async Task A_handler_that_throws_ends_nothing()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options());

        await producer.EnqueueAsync(TestTexts.Record("t", "a"), new ThrowingHandler(), Token);
        await producer.FlushAsync(Token);
        await producer.ProduceAsync(TestTexts.Record("t", "b"), Token);

        Assert.Equal(["a", "b"], log.Values);
    }

    [Fact]
    public async Task Records_with_wrong_partition_topic_or_size_are_refused_to_their_caller()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t", 2);
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { MaxRequestSize = 5000 }));

        var partition = await Assert.ThrowsAsync<ArgumentException>(
            () => producer.ProduceAsync(new("t", null, "x") { Partition = 2 }, Token).AsTask());
        Assert.Contains("t has no partition 2", partition.Message);
        var size = await Assert.ThrowsAsync<ArgumentException>(
            () => producer.ProduceAsync(TestTexts.Record("t", new string('x', 5000)), Token).AsTask());
        Assert.Contains("max.request.size (5000)", size.Message);
        await Assert.ThrowsAsync<ArgumentException>(async () => await producer.ProduceAsync(default, Token));
        Assert.Equal(0, cluster.Count(ApiKey.Produce));
    }

    [Fact]
    public async Task What_a_serializer_throws_reaches_the_caller_and_leaves_the_batch_whole()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(new ProducerOptions<string?, string?>(Serdes.Utf8, new PickySerializer()));

        await producer.EnqueueAsync(TestTexts.Record("t", "good"), null, Token);
        await Assert.ThrowsAsync<FormatException>(async () => await producer.EnqueueAsync(TestTexts.Record("t", "bad"), null, Token));
        await producer.EnqueueAsync(TestTexts.Record("t", "better"), null, Token);
        await producer.FlushAsync(Token);

        Assert.Equal(["good", "better"], log.Values);
    }

    private sealed class PickySerializer : ISerializer<string?>
    {
        public void Serialize(string? value, System.Buffers.IBufferWriter<byte> destination, in SerializationContext context)
        {
            Serdes.Utf8.Serialize(value, destination, context);
            if (value == "bad")
                throw new FormatException("bad");
        }
    }

    private sealed class ThrowingHandler : IDeliveryHandler
    {
        public void OnDelivered(in RecordMetadata metadata, KafkaException? error) =>
            throw new InvalidOperationException("from the handler");
    }

    private sealed class BlockingHandler : IDeliveryHandler, IDisposable
    {
        public ManualResetEventSlim Release { get; } = new();

        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnDelivered(in RecordMetadata metadata, KafkaException? error)
        {
            Called.TrySetResult();
            Release.Wait(TimeSpan.FromSeconds(10));
        }

        public void Dispose() => Release.Dispose();
    }
}
