using Caudal.Protocol;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

public sealed class PartitionLogReadingTests
{
    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    public async Task A_read_begins_with_the_batch_that_holds_the_offset(Durability durability)
    {
        await using var store = await StoreFixture.StartAsync(durability);
        await store.AppendAsync("a", "b", "c");
        await store.AppendAsync("d");
        using var read = store.Log.Read(1, 10_000, false);
        Assert.Equal([0, 1, 2, 3], Batches.Parse(read.Records.Span).Select(r => r.Offset));
        using var second = store.Log.Read(3, 10_000, false);
        Assert.Equal([(3, "d")], Batches.Parse(second.Records.Span));
    }

    [Fact]
    public async Task The_limit_holds_but_for_the_first_batch_if_asked()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var size = Batches.Of("a").Length;
        for (var i = 0; i < 5; i++)
            await store.AppendAsync("a");
        Assert.Equal(0, Length(store, size - 1, false));
        Assert.Equal(size, Length(store, size - 1, true));
        Assert.Equal(size, Length(store, (2 * size) - 1, true));
        Assert.Equal(2 * size, Length(store, 2 * size, true));
        Assert.Equal(size, Length(store, 0, true));
        Assert.Equal(5 * size, Length(store, int.MaxValue, true));
    }

    [Fact]
    public async Task Offsets_outside_are_out_of_range_and_the_end_is_empty()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync("a", "b");
        Assert.Equal(new ReadResult(ErrorCode.OffsetOutOfRange, default, null, -1, -1, -1), store.Log.Read(3, 100, true));
        Assert.Equal(ErrorCode.OffsetOutOfRange, store.Log.Read(-1, 100, true).Error);
        var atEnd = store.Log.Read(2, 100, true);
        Assert.Equal((ErrorCode.None, 0, 2L, 0L), (atEnd.Error, atEnd.Records.Length, atEnd.HighWatermark, atEnd.LogStartOffset));
    }

    [Fact]
    public async Task The_bound_leaves_out_batches_that_reach_over_it()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync("a");
        await store.AppendAsync("b", "c");
        using var read = store.Log.Read(0, 1000, true, upperBound: 2);
        Assert.Equal([(0, "a")], Batches.Parse(read.Records.Span));
        Assert.Equal(0, store.Log.Read(1, 1000, true, upperBound: 1).Records.Length);
    }

    [Fact]
    public async Task Batches_larger_than_every_buffer_are_read_whole()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Os, LogConfig.Default with { MaxMessageBytes = 8 << 20 });
        await store.AppendAsync("small");
        var large = Batches.Sized(3 << 20);
        await store.AppendAsync(large);
        await store.AppendAsync("end");
        using var read = store.Log.Read(1, 10, true);
        Assert.Equal(large.Length, read.Records.Length);
        await store.CrashAsync();
        Assert.Equal(3, Batches.ReadAll(store.Log).Count);
        Assert.Equal(0, store.Log.Read(1, 1 << 20, false).Records.Length);
    }

    [Fact]
    public async Task Tail_and_file_give_the_same_bytes()
    {
        var config = LogConfig.Default with { SegmentBytes = 20_000, IndexIntervalBytes = 300 };
        await using var store = await StoreFixture.StartAsync(Durability.Os, config);
        for (var i = 0; i < 500; i++)
            await store.AppendAsync($"value {i}", "second");
        var written = Batches.ReadAll(store.Log);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), written.Select(r => r.Offset));
        await store.RestartAsync();
        Assert.Equal(written, Batches.ReadAll(store.Log));
        for (var offset = 0; offset < 1000; offset++)
        {
            using var read = store.Log.Read(offset, 1, true);
            Assert.Equal(offset / 2 * 2, Batches.Parse(read.Records.Span)[0].Offset);
        }
    }

    [Fact]
    public async Task A_slice_outlives_the_cache_that_it_came_from()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("first");
        using var read = store.Log.Read(0, 1000, true);
        for (var i = 0; i < 1000; i++)
            await store.AppendAsync("later records push the first one out of the cache");
        Assert.Equal([(0, "first")], Batches.Parse(read.Records.Span));
    }

    [Fact]
    public async Task Available_bytes_grow_with_appends_and_are_0_at_the_end()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        Assert.Equal(0, store.Log.AvailableBytes(0));
        var size = Batches.Of("a").Length;
        await store.AppendAsync("a");
        await store.AppendAsync("b");
        Assert.Equal(2 * size, store.Log.AvailableBytes(0));
        Assert.Equal(size, store.Log.AvailableBytes(1));
        Assert.Equal(size, store.Log.AvailableBytes(0, upperBound: 1));
        Assert.Equal(0, store.Log.AvailableBytes(2));
        Assert.Equal(0, store.Log.AvailableBytes(99));
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    public async Task Available_bytes_are_exact_across_segments(Durability durability)
    {
        var config = LogConfig.Default with { SegmentBytes = 9000, IndexIntervalBytes = 500 };
        await using var store = await StoreFixture.StartAsync(durability, config);
        var sizes = new List<int>();
        for (var i = 0; i < 300; i++)
        {
            var batch = Batches.Of(new string('x', i), "second");
            sizes.Add(batch.Length);
            await store.AppendAsync(batch);
        }

        for (var i = 0; i < 600; i += 7)
            Assert.Equal(sizes.Skip(i / 2).Sum(), store.Log.AvailableBytes(i));
        Assert.Equal(sizes.Skip(10).Take(90).Sum(), store.Log.AvailableBytes(20, upperBound: 200));
    }

    [Fact]
    public async Task Waiters_hear_of_appends_deletions_and_the_end()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var calls = 0;
        var waiter = store.Log.OnAdvance(() => calls++);
        await store.AppendAsync("a");
        Assert.Equal(1, calls);
        await store.Log.DeleteRecordsAsync(1, TestContext.Current.CancellationToken);
        Assert.Equal(2, calls);
        waiter.Dispose();
        waiter.Dispose();
        await store.AppendAsync("b");
        Assert.Equal(2, calls);
        using var last = store.Log.OnAdvance(() => calls += 10);
        await store.Store.DeleteAsync(StoreFixture.Topic, 0);
        Assert.Equal(12, calls);
    }

    [Fact]
    public async Task A_deleted_log_is_unknown_and_its_directory_goes()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("a");
        var log = store.Log;
        await store.Store.DeleteAsync(StoreFixture.Topic, 0);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, log.Read(0, 100, true).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await store.AppendAsync(Batches.Of("b"))).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await log.DeleteRecordsAsync(1, TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(store.LogPath));
        Assert.Single(Directory.GetDirectories(store.Path, "*-delete"));
        var again = store.Store.Create(StoreFixture.Topic, 0, Uuid.NewRandom(), LogConfig.Default);
        Assert.Equal(0, again.EndOffset);
        store.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(Directory.GetDirectories(store.Path, "*-delete"));
    }

    private static int Length(StoreFixture store, int maxBytes, bool atLeastOne)
    {
        using var read = store.Log.Read(0, maxBytes, atLeastOne);
        return read.Records.Length;
    }
}
