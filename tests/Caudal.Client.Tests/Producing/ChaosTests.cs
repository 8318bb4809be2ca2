using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;

namespace Caudal.Client.Tests.Producing;

public sealed class ChaosTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Every_record_is_written_once_and_in_order_whatever_fails(int seed)
    {
        await using var cluster = new FakeCluster(brokers: 3);
        var topic = cluster.AddTopic("t", 4);
        topic[3].MaxBatchBytes = 150;
        var random = new Random(seed);
        var gate = new Lock();
        cluster.Script = call =>
        {
            lock (gate)
                return ValueTask.FromResult(call.Key is ApiKey.Produce or ApiKey.Metadata ? Misbehave(cluster, call, random) : null);
        };
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options(new() { BatchSize = 300, BufferMemory = 20_000 }));
        const int Each = 600;

        // One writer a partition: the order of calls is the order that must come out.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(partition => Task.Run(
            async () =>
            {
                foreach (var value in TestTexts.Numbers(Each))
                    await producer.EnqueueAsync(new("t", null, value) { Partition = partition }, null, Token);
            },
            Token)));
        await producer.FlushAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.All(topic, partition => Assert.Equal(TestTexts.Numbers(Each), partition.Values));
        Assert.Equal(20_000, producer.Accumulator.Budget.Available);
    }

    private static FakeReply? Misbehave(FakeCluster cluster, FakeCall call, Random random)
    {
        var dice = random.Next(100);
        if (call.Key == ApiKey.Metadata)
            return dice < 5 ? FakeReply.Disconnect : null;
        switch (dice)
        {
            case < 5:
                return FakeReply.Disconnect;
            case < 10:
                return ProduceFaults.LoseAnswer(call);
            case < 15:
                return ProduceFaults.Error(ErrorCode.NotEnoughReplicas)(call);
            case < 18:
                return ProduceFaults.Error(ErrorCode.RequestTimedOut)(call);
            case < 20:
                // Written, and yet an error that leaves it open.
                call.Broker.Answer(call);
                return ProduceFaults.Error(ErrorCode.NotEnoughReplicasAfterAppend)(call);
            case < 25:
                var partition = cluster.Topics["t"][random.Next(4)];
                partition.Leader = cluster.Brokers[random.Next(3)].Id;
                partition.LeaderEpoch++;
                return null;
            default:
                return null;
        }
    }
}
