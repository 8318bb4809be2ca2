using Caudal.Client.Tests.Fakes;

namespace Caudal.Client.Tests.Producing;

// Tasks are kept, and looked at without awaiting, because what they cost is measured.
#pragma warning disable CA2012

public sealed class BudgetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enqueueing_allocates_nothing_per_record()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(new ProducerOptions<string?, ReadOnlyMemory<byte>>(
            new() { Linger = TimeSpan.FromMinutes(1), BatchSize = 1 << 20, MaxRequestSize = 1 << 21 }, Serdes.Utf8, Serdes.Memory));
        var handler = new CollectingHandler();
        var value = new byte[100];
        var (allocated, synchronous) = (long.MaxValue, false);
        // The pool may have lost the buffers of the batch before to a collection: then a batch grows anew. The best round counts.
        for (var round = 0; round < 8; round++)
        {
            await EnqueueAsync(8000);
            await producer.FlushAsync(Token);
            // The batch and its buffers, as large as those of the batch before, come with the first records.
            await EnqueueAsync(10);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var all = EnqueueAll(7000);
            var spent = GC.GetAllocatedBytesForCurrentThread() - before;
            await producer.FlushAsync(Token);
            if (spent <= allocated)
                (allocated, synchronous) = (spent, all);
        }

        Assert.True(synchronous);
        Assert.Equal(0, allocated);

        async Task EnqueueAsync(int count)
        {
            for (var i = 0; i < count; i++)
                await producer.EnqueueAsync(new("t", "key", value), handler, Token);
        }

        bool EnqueueAll(int count)
        {
            var all = true;
            for (var i = 0; i < count; i++)
                all &= producer.EnqueueAsync(new("t", "key", value), handler, Token).IsCompletedSuccessfully;
            return all;
        }
    }

    [Fact]
    public async Task Awaiting_costs_one_small_object()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(new ProducerOptions<string?, ReadOnlyMemory<byte>>(
            new() { Linger = TimeSpan.FromMinutes(1), BatchSize = 1 << 20, MaxRequestSize = 1 << 21 }, Serdes.Utf8, Serdes.Memory));
        var held = new TaskCompletionSource<FakeReply?>();
        cluster.Script = call => call.Key == Protocol.ApiKey.Produce ? new ValueTask<FakeReply?>(held.Task) : default;
        var value = new byte[100];
        var tasks = new ValueTask<RecordMetadata>[3000];
        var allocated = double.MaxValue;
        // How far a batch's buffer has to grow depends on when the sender took the one before; buffers come from the pool once
        // they have been used.
        for (var round = 0; round < 5; round++)
        {
            held = new TaskCompletionSource<FakeReply?>();
            var sent = cluster.Count(Protocol.ApiKey.Produce);
            for (var i = 0; i < 2000; i++)
                tasks[i] = producer.ProduceAsync(new("t", "key", value), CancellationToken.None);
            await cluster.WhenAsync(c => c.Count(Protocol.ApiKey.Produce) > sent);
            for (var i = 2000; i < 2050; i++)
                tasks[i] = producer.ProduceAsync(new("t", "key", value), CancellationToken.None);

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 2050; i < 3000; i++)
                tasks[i] = producer.ProduceAsync(new("t", "key", value), CancellationToken.None);
            allocated = Math.Min(allocated, (GC.GetAllocatedBytesForCurrentThread() - before) / 950.0);

            held.SetResult(null);
            foreach (var task in tasks)
                await task;
        }

        // The object, and a record's share of the list that remembers it while that still grows.
        Assert.InRange(allocated, 1, 240);
    }
}
