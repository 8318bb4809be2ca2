using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;

namespace Caudal.Client.Tests.Producing;

/// <summary>Producing many at once, and giving up.</summary>
public sealed class ManyAndPurgeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_records_are_told_one_by_one_in_their_order()
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(
            TestTexts.Options(new() { Linger = TimeSpan.FromMinutes(1), MaxRequestSize = 5_000 }));
        var values = TestTexts.Numbers(500);
        values[7] = new string('x', 6_000);

        var results = await producer.ProduceManyAsync(values.Select(value => TestTexts.Record("t", value)), Token);

        Assert.Equal(500, results.Count);
        Assert.IsType<ArgumentException>(results[7].Error);
        Assert.False(results[7].IsWritten);
        Assert.Equal(values.Where((_, i) => i != 7), log.Values);
        Assert.All(results.Where((_, i) => i != 7), result => Assert.True(result.IsWritten));
        Assert.Equal(Enumerable.Range(0, 499), results.Where((_, i) => i != 7).Select(result => (int)result.Metadata.Offset));
    }

    [Fact]
    public async Task One_that_is_refused_does_not_hold_up_the_others()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t", 2);
        cluster.Script = ProduceFaults.Sequence(ProduceFaults.Error(ErrorCode.InvalidRecord));
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 100 }));

        var results = await producer.ProduceManyAsync(TestTexts.Numbers(100).Select(value => TestTexts.Record("t", value)), Token);

        Assert.Contains(results, result => result.Error is BrokerErrorException { Code: ErrorCode.InvalidRecord });
        Assert.Contains(results, result => result.IsWritten);
        Assert.Empty(await producer.ProduceManyAsync([], Token));
    }

    [Theory]
    [InlineData(PurgeScope.Unsent)]
    [InlineData(PurgeScope.All)]
    public async Task What_is_purged_is_told_and_what_comes_later_is_written(PurgeScope scope)
    {
        await using var cluster = new FakeCluster();
        var log = cluster.AddTopic("t")[0];
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Script = async call =>
        {
            if (call.Key == ApiKey.Produce)
                await release.Task;
            return null;
        };
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { Linger = TimeSpan.FromMinutes(1) }));
        var sent = producer.ProduceAsync(TestTexts.Record("t", "sent"), Token).AsTask();
        await cluster.WhenAsync(c => c.Calls.Any(call => call.Key == ApiKey.Produce));
        var unsent = producer.ProduceAsync(TestTexts.Record("t", "unsent"), Token).AsTask();

        Assert.Equal(scope == PurgeScope.All ? 2 : 1, producer.Purge(scope));
        Assert.False((await Assert.ThrowsAsync<RecordPurgedException>(() => unsent)).WasSent);
        if (scope == PurgeScope.All)
            Assert.True((await Assert.ThrowsAsync<RecordPurgedException>(() => sent)).WasSent);
        var later = producer.ProduceAsync(TestTexts.Record("t", "later"), Token).AsTask();
        release.SetResult();
        await later;

        Assert.Equal(["sent", "later"], log.Values);
        Assert.Equal(new ProducerOptions().BufferMemory, producer.Accumulator.Budget.Available);
        Assert.Equal(scope == PurgeScope.All ? 1 : 0, log.Epochs[^1]);
        if (scope == PurgeScope.Unsent)
            Assert.Equal(0, (await sent).Offset);
    }

    [Fact]
    public async Task A_transactional_producer_is_not_purged()
    {
        await using var fixture = new Transactions.TransactionFixture(second: true);
        Assert.Throws<InvalidOperationException>(() => fixture.Producer.Purge());
        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Producer.ProduceManyAsync([], Token).AsTask());
    }
}
