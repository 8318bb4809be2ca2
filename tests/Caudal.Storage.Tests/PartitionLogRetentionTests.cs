using Caudal.Protocol;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

public sealed class PartitionLogRetentionTests
{
    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    public async Task A_full_segment_is_closed_and_the_next_one_is_named_by_its_offset(Durability durability)
    {
        var size = Batches.Of("a").Length;
        await using var store = await StoreFixture.StartAsync(durability, LogConfig.Default with { SegmentBytes = 3 * size });
        for (var i = 0; i < 7; i++)
            await store.AppendAsync("a");
        Assert.Equal([0, 3, 6], store.Log.Segments.Select(s => s.BaseOffset));
        Assert.Equal(7L * size, store.Log.SizeInBytes);
    }

    [Fact]
    public async Task A_segment_is_closed_when_its_records_span_too_long()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory, LogConfig.Default with { SegmentMs = 1000 });
        await store.AppendAsync(Batches.Of(Batches.Time, "a"));
        await store.AppendAsync(Batches.Of(Batches.Time + 1000, "b"));
        await store.AppendAsync(Batches.Of(Batches.Time + 1001, "c"));
        Assert.Equal([0, 2], store.Log.Segments.Select(s => s.BaseOffset));
    }

    [Fact]
    public async Task A_segment_is_closed_when_its_index_is_full()
    {
        var config = LogConfig.Default with { SegmentIndexBytes = 40, IndexIntervalBytes = 1 };
        await using var store = await StoreFixture.StartAsync(Durability.Memory, config);
        for (var i = 0; i < 20; i++)
            await store.AppendAsync(Batches.Of(Batches.Time + i, "a"));
        Assert.All(store.Log.Segments, s => Assert.True(s.Offsets.Count <= 5));
        Assert.True(store.Log.Segments.Length > 3);
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    public async Task Old_segments_go_by_their_largest_timestamp(Durability durability)
    {
        var size = Batches.Of("a").Length;
        var config = LogConfig.Default with { SegmentBytes = 2 * size, RetentionMs = 10_000 };
        await using var store = await StoreFixture.StartAsync(durability, config);
        for (var i = 0; i < 6; i++)
            await store.AppendAsync(Batches.Of(Batches.Time + (i * 1000), "a"));
        store.Clock.Advance(TimeSpan.FromMilliseconds(11_500));
        await store.Store.RunRetentionAsync();
        Assert.Equal(2, store.Log.LogStartOffset);
        Assert.Equal([2, 3, 4, 5], Batches.ReadAll(store.Log).Select(r => r.Offset));
        Assert.Equal(ErrorCode.OffsetOutOfRange, store.Log.Read(1, 100, true).Error);
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    public async Task When_all_is_old_the_log_is_empty_and_goes_on_at_its_end(Durability durability)
    {
        await using var store = await StoreFixture.StartAsync(durability, LogConfig.Default with { RetentionMs = 1000 });
        await store.AppendAsync("a", "b");
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        await store.Store.RunRetentionAsync();
        Assert.Equal((2L, 2L, 0L), (store.Log.LogStartOffset, store.Log.EndOffset, store.Log.SizeInBytes));
        Assert.Equal(2, await AppendNowAsync(store));
        if (durability != Durability.Memory)
            await store.RestartAsync();
        Assert.Equal((2L, 3L), (store.Log.LogStartOffset, store.Log.EndOffset));
    }

    [Fact]
    public async Task The_size_limit_takes_whole_segments_and_stays_above_itself()
    {
        var size = Batches.Of("a").Length;
        var config = LogConfig.Default with { SegmentBytes = 2 * size, RetentionBytes = 3 * size };
        await using var store = await StoreFixture.StartAsync(Durability.Memory, config);
        for (var i = 0; i < 9; i++)
            await store.AppendAsync("a");
        await store.Store.RunRetentionAsync();
        Assert.Equal(6, store.Log.LogStartOffset);
        Assert.Equal(3L * size, store.Log.SizeInBytes);
    }

    [Fact]
    public async Task A_compacted_log_keeps_its_segments()
    {
        var config = LogConfig.Default with { CleanupDelete = false, CleanupCompact = true, RetentionMs = 1, RetentionBytes = 1 };
        await using var store = await StoreFixture.StartAsync(Durability.Memory, config);
        await store.AppendAsync("a");
        store.Clock.Advance(TimeSpan.FromHours(1));
        await store.Store.RunRetentionAsync();
        Assert.Single(Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task The_store_looks_for_old_segments_by_itself()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory, LogConfig.Default with { RetentionMs = 1000 });
        await store.AppendAsync("a");
        store.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(1, store.Log.LogStartOffset);
    }

    [Fact]
    public async Task Files_of_deleted_segments_are_renamed_and_unlinked_later()
    {
        var size = Batches.Of("a").Length;
        await using var store = await StoreFixture.StartAsync(Durability.Os, LogConfig.Default with { SegmentBytes = size });
        for (var i = 0; i < 3; i++)
            await store.AppendAsync("a");
        Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(2, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(store.FileOf(0, ".log")));
        Assert.True(File.Exists(store.FileOf(0, ".log.deleted")));
        store.Clock.Advance(TimeSpan.FromSeconds(61));
        await store.Store.RunRetentionAsync();
        Assert.Empty(Directory.GetFiles(store.LogPath, "*.deleted"));
    }

    [Fact]
    public async Task Records_are_deleted_up_to_an_offset_inside_a_batch()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("a", "b", "c");
        Assert.Equal(ErrorCode.OffsetOutOfRange, await store.Log.DeleteRecordsAsync(4, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.OffsetOutOfRange, await store.Log.DeleteRecordsAsync(-2, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(2, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(1, TestContext.Current.CancellationToken));
        Assert.Equal(2, store.Log.LogStartOffset);
        await store.RestartAsync();
        Assert.Equal(2, store.Log.LogStartOffset);
        Assert.Equal([(2, "c")], Batches.ReadAll(store.Log));
        Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(-1, TestContext.Current.CancellationToken));
        Assert.Equal(3, store.Log.LogStartOffset);
        Assert.Equal(3, await store.AppendAsync("d"));
    }

    [Fact]
    public async Task Deleted_records_stay_deleted_after_a_crash()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("a", "b", "c");
        Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(2, TestContext.Current.CancellationToken));
        await store.CrashAsync();
        Assert.Equal((2L, 3L), (store.Log.LogStartOffset, store.Log.EndOffset));
        Assert.Equal([(2, "c")], Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task Records_of_a_log_that_is_only_compacted_cannot_be_deleted()
    {
        var config = LogConfig.Default with { CleanupDelete = false, CleanupCompact = true };
        await using var store = await StoreFixture.StartAsync(Durability.Memory, config);
        await store.AppendAsync("a");
        Assert.Equal(ErrorCode.PolicyViolation, await store.Log.DeleteRecordsAsync(1, TestContext.Current.CancellationToken));
        Assert.Single(Batches.ReadAll(store.Log));
    }

    private static async Task<long> AppendNowAsync(StoreFixture store) =>
        (await store.AppendAsync(Batches.Of(store.Clock.GetUtcNow().ToUnixTimeMilliseconds(), "c"))).BaseOffset;
}
