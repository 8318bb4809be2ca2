using Caudal.Compression;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

public sealed class PartitionLogSearchingTests
{
    private static readonly LogConfig Small = LogConfig.Default with { SegmentBytes = 1000, IndexIntervalBytes = 100 };

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    public async Task Every_timestamp_is_found_as_a_plain_search_finds_it(Durability durability)
    {
        await using var store = await StoreFixture.StartAsync(durability, Small);
        var random = new Random(5);
        var times = new List<long>();
        for (var i = 0; i < 150; i++)
        {
            var batch = Enumerable.Range(0, random.Next(1, 4)).Select(j => Batches.Time + (i * 10) + random.Next(-50, 50)).ToArray();
            times.AddRange(batch);
            var codec = (CompressionType)random.Next(0, 5);
            await store.AppendAsync(Batches.Make([.. batch.Select(t => (t, (string?)"k", (string?)"v"))], RecordBatchProducer.None, codec));
        }

        for (var round = 0; round < 2; round++)
        {
            for (var time = Batches.Time - 60; time < Batches.Time + 1600; time += 7)
            {
                var expected = times.FindIndex(t => t >= time);
                var found = store.Log.FindOffsetByTimestamp(time);
                Assert.Equal(expected, found?.Offset ?? -1);
                Assert.Equal(expected < 0 ? -1 : times[expected], found?.TimestampMs ?? -1);
            }

            var max = times.Max();
            Assert.Equal(new OffsetAndTimestamp(times.IndexOf(max), max, 0), store.Log.FindMaxTimestamp());
            if (durability == Durability.Os)
                await store.RestartAsync();
        }
    }

    [Fact]
    public async Task Records_before_the_start_are_not_found()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.Make([(10, "k", "a"), (20, "k", "b"), (30, "k", "c")], RecordBatchProducer.None));
        await store.Log.DeleteRecordsAsync(1, TestContext.Current.CancellationToken);
        Assert.Equal(new OffsetAndTimestamp(1, 20, 0), store.Log.FindOffsetByTimestamp(0));
        Assert.Null(store.Log.FindOffsetByTimestamp(31));
    }

    [Fact]
    public async Task An_empty_log_has_no_largest_timestamp()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        Assert.Null(store.Log.FindMaxTimestamp());
        Assert.Null(store.Log.FindOffsetByTimestamp(0));
    }

    [Fact]
    public async Task Epochs_end_where_the_next_one_begins()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("a", "b");
        Assert.Equal((0, 2L), store.Log.EndOffsetFor(0));
        await store.CrashAsync();
        Assert.Equal(1, store.Log.LeaderEpoch);
        await store.AppendAsync("c");
        await store.CrashAsync();
        await store.AppendAsync("d");
        Assert.Equal((0, 2L), store.Log.EndOffsetFor(0));
        Assert.Equal((1, 3L), store.Log.EndOffsetFor(1));
        Assert.Equal((2, 4L), store.Log.EndOffsetFor(2));
        Assert.Equal((-1, -1L), store.Log.EndOffsetFor(3));
        Assert.Equal((-1, -1L), store.Log.EndOffsetFor(-1));
        await store.RestartAsync();
        Assert.Equal(2, store.Log.LeaderEpoch);
        using var read = store.Log.Read(2, 1000, true);
        Assert.Equal(1, RecordBatchView.Read(read.Records.Span).PartitionLeaderEpoch);
    }
}
