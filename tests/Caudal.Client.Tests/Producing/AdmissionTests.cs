using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Client.Tests.Producing;

public sealed class AdmissionTests
{
    private static readonly ProducerOptions Small = new() { BatchSize = 1000, BufferMemory = 4000 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_are_admitted_as_memory_becomes_free()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var held = new TaskCompletionSource();
        cluster.Script = async call =>
        {
            if (call.Key == ApiKey.Produce)
                await held.Task;
            return null;
        };
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(Small));
        Assert.False(producer.TryEnqueue(TestTexts.Record("t", "the topic is not known yet")));
        await producer.EnqueueAsync(TestTexts.Record("t", "0"), null, Token);

        var admitted = 1;
        while (producer.TryEnqueue(TestTexts.Record("t", new string('x', 100))))
            admitted++;
        Assert.InRange(admitted, 20, 40);
        var waiting = producer.EnqueueAsync(TestTexts.Record("t", new string('y', 100)), null, Token).AsTask();
        Assert.False(waiting.IsCompleted);

        held.SetResult();
        await waiting;
        await producer.FlushAsync(Token);
        Assert.Equal(admitted + 1, log.Values.Count);
        Assert.Equal(new string('y', 100), log.Values[^1]);
        Assert.Equal(4000, producer.Accumulator.Budget.Available);
    }

    [Fact]
    public async Task An_awaited_record_waits_for_room_no_longer_than_max_block()
    {
        await using var cluster = new FakeCluster
        {
            Script = call => ValueTask.FromResult(
            call.Key == ApiKey.Produce ? FakeReply.Silence : null)
        };
        cluster.AddTopic("t");
        var time = new FakeTimeProvider();
        await using var client = new KafkaClient(
            cluster.ClientOptions with { TimeProvider = time, RequestTimeout = TimeSpan.FromHours(1), ApiTimeout = TimeSpan.FromHours(1) });
        var producer = client.CreateProducer(TestTexts.Options(Small with { DeliveryTimeout = TimeSpan.FromHours(2) }));
        await producer.EnqueueAsync(TestTexts.Record("t", "0"), null, Token);
        while (producer.TryEnqueue(TestTexts.Record("t", new string('x', 100))))
        {
        }

        var waiting = producer.ProduceAsync(TestTexts.Record("t", new string('x', 100)), Token).AsTask();
        time.Advance(TimeSpan.FromSeconds(60));

        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(() => waiting);
        Assert.Contains("no room for a record of t within 60000 ms (max.block.ms)", error.Message);
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => producer.CloseAsync(now.Token).AsTask());
    }

    [Fact]
    public async Task Waiting_for_room_can_be_given_up()
    {
        await using var cluster = new FakeCluster
        {
            Script = call => ValueTask.FromResult(
            call.Key == ApiKey.Produce ? FakeReply.Silence : null)
        };
        cluster.AddTopic("t");
        await using var client = new KafkaClient(cluster.ClientOptions);
        var producer = client.CreateProducer(TestTexts.Options(Small));
        await producer.EnqueueAsync(TestTexts.Record("t", "0"), null, Token);
        while (producer.TryEnqueue(TestTexts.Record("t", new string('x', 100))))
        {
        }

        using var impatient = new CancellationTokenSource();
        var waiting = producer.EnqueueAsync(TestTexts.Record("t", new string('x', 100)), null, impatient.Token).AsTask();
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => producer.CloseAsync(now.Token).AsTask());
    }

    [Fact]
    public async Task Closing_delivers_what_is_under_way_and_takes_no_more()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        await using var client = new KafkaClient(cluster.ClientOptions);
        var producer = client.CreateProducer(
            TestTexts.Options(new() { Linger = TimeSpan.FromHours(1), DeliveryTimeout = TimeSpan.FromHours(2) }));
        await producer.EnqueueAsync(TestTexts.Record("t", "a"), null, Token);

        await producer.CloseAsync(Token);

        Assert.Equal(["a"], log.Values);
        await Assert.ThrowsAsync<ClientClosedException>(async () => await producer.EnqueueAsync(TestTexts.Record("t", "b"), null, Token));
        Assert.Throws<ClientClosedException>(() => producer.TryEnqueue(TestTexts.Record("t", "b")));
        await producer.CloseAsync(Token);
        await producer.DisposeAsync();
    }

    [Fact]
    public async Task Closing_by_a_deadline_fails_what_is_left()
    {
        await using var cluster = new FakeCluster
        {
            Script = call => ValueTask.FromResult(
            call.Key == ApiKey.Produce ? FakeReply.Silence : null)
        };
        cluster.AddTopic("t");
        await using var client = new KafkaClient(cluster.ClientOptions);
        var producer = client.CreateProducer(TestTexts.Options());
        var awaited = producer.ProduceAsync(TestTexts.Record("t", "a"), Token).AsTask();
        await cluster.WhenAsync(c => c.Count(ApiKey.Produce) == 1);
        using var deadline = new CancellationTokenSource();

        var closing = producer.CloseAsync(deadline.Token).AsTask();
        Assert.False(closing.IsCompleted);
        await deadline.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closing);
        var error = await Assert.ThrowsAsync<ClientClosedException>(() => awaited);
        Assert.Contains("not known", error.Message);
    }

    [Fact]
    public async Task Giving_up_awaiting_does_not_take_the_record_back()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var held = new TaskCompletionSource<FakeReply?>();
        cluster.Script = call => call.Key == ApiKey.Produce ? new ValueTask<FakeReply?>(held.Task) : default;
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options());
        using var impatient = new CancellationTokenSource();
        var awaited = producer.ProduceAsync(TestTexts.Record("t", "a"), impatient.Token).AsTask();
        await cluster.WhenAsync(c => c.Count(ApiKey.Produce) == 1);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => awaited);
        held.SetResult(null);
        await producer.FlushAsync(Token);

        Assert.Equal(["a"], log.Values);
    }
}
