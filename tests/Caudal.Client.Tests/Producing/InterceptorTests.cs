using System.Collections.Concurrent;
using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;

namespace Caudal.Client.Tests.Producing;

public sealed class InterceptorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Interceptors_change_records_in_their_order_and_learn_where_they_went()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var (first, second) = (new Recorder("1"), new Recorder("2"));
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new()) with { Interceptors = [first, second] });

        await producer.ProduceAsync(TestTexts.Record("t", "a"), Token);
        await producer.EnqueueAsync(TestTexts.Record("t", "b"), null, Token);
        Assert.True(producer.TryEnqueue(TestTexts.Record("t", "c")));
        await producer.ProduceManyAsync([TestTexts.Record("t", "d")], Token);
        await producer.FlushAsync(Token);

        Assert.Equal(["a12", "b12", "c12", "d12"], log.Values);
        foreach (var recorder in new[] { first, second })
        {
            Assert.Equal(
                [("a12", 0L, null), ("b12", 1, null), ("c12", 2, null), ("d12", 3, null)],
                recorder.Acknowledged.OrderBy(a => a.Offset));
        }
    }

    [Fact]
    public async Task The_handler_of_the_user_is_told_too()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        var handler = new CollectingHandler();
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new()) with { Interceptors = [new Recorder("1")] });

        await producer.EnqueueAsync(TestTexts.Record("t", "a"), handler, Token);
        await producer.FlushAsync(Token);

        Assert.Equal([0], handler.Offsets);
    }

    [Fact]
    public async Task An_interceptor_learns_why_a_record_was_not_written()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        cluster.Script = ProduceFaults.Sequence(ProduceFaults.Error(ErrorCode.InvalidRecord));
        var recorder = new Recorder("");
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(
            TestTexts.Options(new() { MaxRequestSize = 5_000 }) with { Interceptors = [recorder] });

        await Assert.ThrowsAsync<BrokerErrorException>(() => producer.ProduceAsync(TestTexts.Record("t", "refused"), Token).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(
            () => producer.EnqueueAsync(TestTexts.Record("t", new string('x', 6_000)), null, Token).AsTask());
        Assert.Throws<ArgumentException>(() => producer.TryEnqueue(TestTexts.Record("t", new string('x', 6_000))));

        Assert.Equal(
            [typeof(BrokerErrorException), typeof(ArgumentException), typeof(ArgumentException)],
            recorder.Acknowledged.Select(a => a.Error?.GetType()));
    }

    [Fact]
    public async Task What_an_interceptor_throws_stops_nothing()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var recorder = new Recorder("2");
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new()) with { Interceptors = [new Thrower(), recorder] });

        await producer.ProduceAsync(TestTexts.Record("t", "a"), Token);

        Assert.Equal(["a2"], log.Values);
        Assert.Equal([("a2", 0L, null)], recorder.Acknowledged);
    }

    [Fact]
    public void A_missing_interceptor_is_a_fault() =>
        Assert.Contains("Interceptors", Assert.Single((TestTexts.Options(new()) with { Interceptors = [null!] }).Validate()));

    private sealed class Recorder(string mark) : IProducerInterceptor<string?, string?>
    {
        public ConcurrentQueue<(string? Value, long Offset, Exception? Error)> Acknowledged { get; } = [];

        public ProducerRecord<string?, string?> OnSend(in ProducerRecord<string?, string?> record) =>
            record with { Value = record.Value + mark };

        public void OnAcknowledgement(in ProducerRecord<string?, string?> record, in RecordMetadata metadata, Exception? error) =>
            Acknowledged.Enqueue((record.Value, metadata.Offset, error));
    }

    private sealed class Thrower : IProducerInterceptor<string?, string?>
    {
        public ProducerRecord<string?, string?> OnSend(in ProducerRecord<string?, string?> record) => throw new InvalidOperationException();

        public void OnAcknowledgement(in ProducerRecord<string?, string?> record, in RecordMetadata metadata, Exception? error) =>
            throw new InvalidOperationException();
    }
}
