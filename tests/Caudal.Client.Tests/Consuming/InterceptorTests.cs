namespace Caudal.Client.Tests.Consuming;

public sealed class InterceptorTests
{
    [Fact]
    public async Task Interceptors_change_records_in_their_order_and_learn_what_is_committed()
    {
        await using var fixture = New("a", "b");
        var (first, second) = (new Recorder("1"), new Recorder("2"));
        var consumer = fixture.Member(ConsumerFixture.Options with { Interceptors = [first, second] });

        var values = await ConsumerFixture.TakeAsync(consumer, 2);
        await consumer.CommitAsync(ConsumerFixture.Token);

        Assert.Equal(["a12", "b12"], values);
        Assert.Equal([new TopicPartitionOffset(new TopicPartition("t", 0), 2)], first.Committed);
        Assert.Equal(first.Committed, second.Committed);
    }

    [Fact]
    public async Task Batches_are_intercepted_record_by_record()
    {
        await using var fixture = New("a", "b");
        var consumer = fixture.Member(ConsumerFixture.Options with { Interceptors = [new Recorder("!")] });

        await foreach (var batch in consumer.ConsumeBatchesAsync(ConsumerFixture.Token))
        {
            var values = new List<string?>();
            foreach (var record in batch)
                values.Add(record.Value);
            Assert.Equal(["a!", "b!"], values);
            break;
        }
    }

    [Fact]
    public async Task What_an_interceptor_throws_stops_nothing()
    {
        await using var fixture = New("a");
        var recorder = new Recorder("2");
        var consumer = fixture.Member(ConsumerFixture.Options with { Interceptors = [new Thrower(), recorder] });

        Assert.Equal(["a2"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.True((await consumer.CommitAsync(ConsumerFixture.Token)).IsComplete);
        Assert.Single(recorder.Committed);
    }

    [Fact]
    public void A_missing_interceptor_is_a_fault() =>
        Assert.Contains("Interceptors", Assert.Single((ConsumerFixture.Options with { Interceptors = [null!] }).Validate()));

    private static ConsumerFixture New(params string[] values) => new(configure: cluster =>
    {
        cluster.Log.Create("t");
        cluster.Log.Append("t", 0, values);
    });

    private sealed class Recorder(string mark) : IConsumerInterceptor<string?, string?>
    {
        public List<TopicPartitionOffset> Committed { get; } = [];

        public ConsumeResult<string?, string?> OnConsume(in ConsumeResult<string?, string?> record) =>
            record with { Value = record.Value + mark };

        public void OnCommit(IReadOnlyList<TopicPartitionOffset> offsets) => Committed.AddRange(offsets);
    }

    private sealed class Thrower : IConsumerInterceptor<string?, string?>
    {
        public ConsumeResult<string?, string?> OnConsume(in ConsumeResult<string?, string?> record) =>
            throw new InvalidOperationException();

        public void OnCommit(IReadOnlyList<TopicPartitionOffset> offsets) => throw new InvalidOperationException();
    }
}
