using System.Text;
using Caudal.Protocol.Records;

namespace Caudal.Client.Tests.Consuming;

/// <summary>What consuming may allocate.</summary>
public sealed class BudgetTests
{
    private const int Records = 5_000;
    private static readonly TopicPartition Partition = new("t", 0);

    [Fact]
    public async Task Walking_a_lease_allocates_nothing()
    {
        await using var fixture = New();
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        using var lease = await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token);

        Walk(lease!);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var bytes = Walk(lease!);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Records * 8, bytes);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task Walking_a_batch_allocates_what_the_deserializers_do()
    {
        await using var fixture = New();
        await using var consumer = fixture.Client.CreateConsumer(
            new ConsumerOptions<Ignore, long>(ConsumerFixture.Options, Serdes.Ignore, Serdes.Int64));
        consumer.Assign(Partition);
        await foreach (var batch in consumer.ConsumeBatchesAsync(ConsumerFixture.Token))
        {
            Count(batch);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var count = Count(batch);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.Equal(Records, count);
            Assert.Equal(0, allocated);
            break;
        }
    }

    [Fact]
    public async Task Records_one_by_one_allocate_what_the_deserializers_do()
    {
        await using var fixture = New();
        await using var consumer = fixture.Client.CreateConsumer(
            new ConsumerOptions<Ignore, long>(ConsumerFixture.Options, Serdes.Ignore, Serdes.Int64));
        consumer.Assign(Partition);
        await using var records = consumer.ConsumeAsync(ConsumerFixture.Token).GetAsyncEnumerator(ConsumerFixture.Token);
        for (var i = 0; i < 1_000; i++)
            Assert.True(await records.MoveNextAsync());

        // The least of four stretches: what the runtime allocates once, for its own ends, is not the record's.
        var (allocated, waited) = (long.MaxValue, 0);
        for (var stretch = 0; stretch < 4; stretch++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++)
            {
                if (!IsDone(records.MoveNextAsync()))
                    waited++;
            }

            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, allocated);
        Assert.Equal(0, waited);
        Assert.Equal(Records - 1, records.Current.Offset);
    }

    private static bool IsDone(ValueTask<bool> next) => next.IsCompletedSuccessfully;

    private static int Walk(RecordBatchLease lease)
    {
        var bytes = 0;
        foreach (var record in lease)
            bytes += record.Value.Length;
        return bytes;
    }

    private static int Count(ConsumeBatch<Ignore, long> batch)
    {
        var count = 0;
        foreach (var record in batch)
            count += record.Offset == count ? 1 : 0;
        return count;
    }

    private static ConsumerFixture New()
    {
        var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        using var writer = new RecordBatchWriter();
        for (var i = 0; i < Records; i++)
            writer.TryAppend(i, Encoding.UTF8.GetBytes($"k{i}"), false, new byte[8], false, [], int.MaxValue);
        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Finish(writer, 0));
        return fixture;
    }
}
