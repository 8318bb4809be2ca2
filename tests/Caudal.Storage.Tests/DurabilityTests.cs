using Caudal.Protocol;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

public sealed class DurabilityTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_group_mode_nothing_is_acknowledged_or_visible_before_the_sync()
    {
        using var gate = new SemaphoreSlim(0);
        using var reached = new SemaphoreSlim(0);
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(Durability.Group, io: io);
        io.BeforeFlush = () =>
        {
            reached.Release();
            gate.Wait(Ct);
        };
        var append = store.AppendAsync(Batches.Of("a"));
        await reached.WaitAsync(Ct);
        Assert.False(append.IsCompleted);
        Assert.Equal((1L, 0L), (store.Log.EndOffset, store.Log.HighWatermark));
        Assert.Equal(0, store.Log.Read(0, 100, true).Records.Length);
        gate.Release();
        Assert.Equal(0, (await append).BaseOffset);
        Assert.Equal(1, store.Log.HighWatermark);
    }

    [Fact]
    public async Task One_sync_serves_all_that_wait()
    {
        using var gate = new SemaphoreSlim(0);
        using var reached = new SemaphoreSlim(0);
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(Durability.Group, io: io);
        io.BeforeFlush = () =>
        {
            reached.Release();
            gate.Wait(Ct);
        };
        var first = store.AppendAsync(Batches.Of("first"));
        await reached.WaitAsync(Ct);
        var rest = Enumerable.Range(0, 50).Select(i => store.AppendAsync(Batches.Of($"v{i}"))).ToArray();
        gate.Release(2);
        await first;
        await Task.WhenAll(rest);
        Assert.Equal(2, io.SegmentFlushes);
        Assert.Equal(51, store.Log.HighWatermark);
    }

    [Fact]
    public async Task Many_logs_share_a_group()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Group);
        var logs = Enumerable.Range(1, 40).Select(i => store.Store.Create("many", i, StoreFixture.TopicId, LogConfig.Default)).ToArray();
        for (var round = 0; round < 3; round++)
        {
            var results = await Task.WhenAll(logs.Select(l => l.AppendAsync(Batches.Of("a"), AppendOrigin.Client, Ct).AsTask()));
            Assert.All(results, r => Assert.Equal((ErrorCode.None, (long)round), (r.Error, r.BaseOffset)));
        }

        Assert.All(logs, l => Assert.Equal((3L, 3L), (l.HighWatermark, l.RecoveryPoint)));
    }

    [Fact]
    public async Task No_log_waits_for_the_sync_of_another()
    {
        using var gate = new SemaphoreSlim(0);
        using var reached = new SemaphoreSlim(0);
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(Durability.Group, io: io);
        var other = store.Store.Create("other", 0, StoreFixture.TopicId, LogConfig.Default);
        var isFirst = 1;
        io.BeforeFlush = () =>
        {
            if (Interlocked.Exchange(ref isFirst, 0) == 0)
                return;
            reached.Release();
            gate.Wait(Ct);
        };
        var slow = store.AppendAsync(Batches.Of("slow"));
        await reached.WaitAsync(Ct);
        for (var i = 0; i < 3; i++)
            Assert.Equal(i, (await other.AppendAsync(Batches.Of("quick"), AppendOrigin.Client, Ct)).BaseOffset);

        Assert.False(slow.IsCompleted);
        gate.Release();
        Assert.Equal(ErrorCode.None, (await slow).Error);
    }

    [Fact]
    public async Task What_group_mode_acknowledged_survives_a_power_cut()
    {
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(Durability.Group, LogConfig.Default with { SegmentBytes = 600 }, io);
        for (var i = 0; i < 40; i++)
            await store.AppendAsync($"v{i}");
        await store.Store.AbandonAsync();
        io.LoseUnsynced(store.LogPath);
        await store.OpenAsync();
        Assert.Equal(Enumerable.Range(0, 40).Select(i => ((long)i, $"v{i}")), Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task What_os_mode_acknowledged_survives_the_process()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("a", "b");
        await store.CrashAsync();
        Assert.False(store.Store.WasClean);
        Assert.Equal([(0, "a"), (1, "b")], Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task A_topic_may_ask_for_a_sync_after_so_many_records()
    {
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(Durability.Os, LogConfig.Default with { FlushMessages = 3 }, io);
        await store.AppendAsync("a", "b");
        Assert.Equal(0, io.SegmentFlushes);
        await store.AppendAsync("c");
        Assert.Equal(1, io.SegmentFlushes);
        Assert.Equal(3, store.Log.RecoveryPoint);
    }

    [Fact]
    public async Task A_topic_may_ask_for_a_sync_after_some_time()
    {
        using var reached = new SemaphoreSlim(0);
        var io = new TestIo { BeforeFlush = () => reached.Release() };
        await using var store = await StoreFixture.StartAsync(Durability.Os, LogConfig.Default with { FlushMs = 500 }, io);
        await store.AppendAsync("a");
        store.Clock.Advance(TimeSpan.FromMilliseconds(499));
        Assert.Equal(0, reached.CurrentCount);
        store.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await reached.WaitAsync(Ct);
    }

    [Fact]
    public async Task With_an_interval_records_are_on_the_disk_soon_after_their_acknowledgement()
    {
        using var reached = new SemaphoreSlim(0);
        var io = new TestIo { BeforeFlush = () => reached.Release() };
        await using var store = await StoreFixture.StartAsync(Durability.Interval, io: io);
        Assert.Equal(0, await store.AppendAsync("a"));
        Assert.Equal((1L, 1L, 0L), (store.Log.EndOffset, store.Log.HighWatermark, store.Log.RecoveryPoint));
        store.Clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(0, reached.CurrentCount);
        await store.AppendAsync("b");
        store.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await reached.WaitAsync(Ct);
        await store.Log.FlushAsync();
        Assert.Equal(2, store.Log.RecoveryPoint);
    }

    [Theory]
    [InlineData(Durability.Os)]
    [InlineData(Durability.Interval)]
    [InlineData(Durability.Group)]
    public async Task A_disk_without_any_room_keeps_what_is_there_readable_and_the_log_alive(Durability durability)
    {
        var io = new TestIo();
        var config = LogConfig.Default with { SegmentBytes = 200 };
        await using var store = await StoreFixture.StartAsync(durability, config, io);
        for (var i = 0; i < 5; i++)
            await store.AppendAsync($"v{i}");
        await store.Log.FlushAsync();
        io.IsFull = true;
        for (var i = 0; i < 5; i++)
            Assert.Equal(ErrorCode.KafkaStorageError, (await store.AppendAsync(Batches.Of("lost"))).Error);
        await store.Log.FlushAsync();
        Assert.False(store.Store.TryWriteCheckpoints());
        Assert.Equal(5, Batches.ReadAll(store.Log).Count);
        io.IsFull = false;
        Assert.Equal(5, await store.AppendAsync("v5"));
        await store.CrashAsync();
        Assert.Equal(Enumerable.Range(0, 6).Select(i => ((long)i, $"v{i}")), Batches.ReadAll(store.Log));
    }

    [Theory]
    [InlineData(Durability.Os)]
    [InlineData(Durability.Group)]
    public async Task A_full_disk_refuses_appends_and_the_log_goes_on_when_there_is_room(Durability durability)
    {
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(durability, io: io);
        await store.AppendAsync("before");
        io.RoomLeft = 40;
        var failed = await store.AppendAsync(Batches.From(1, 0, 0));
        Assert.Equal(ErrorCode.KafkaStorageError, failed.Error);
        Assert.Contains("No space left", failed.Message, StringComparison.Ordinal);
        Assert.True(io.WasFull);
        Assert.Equal([(0, "before")], Batches.ReadAll(store.Log));
        io.RoomLeft = -1;
        Assert.Equal(1, (await store.AppendAsync(Batches.From(1, 0, 0))).BaseOffset);
        await store.CrashAsync();
        Assert.Equal([(0, "before"), (1, "1:0:0")], Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task A_failed_sync_ends_the_log_until_a_restart()
    {
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(Durability.Group, io: io);
        await store.AppendAsync("before");
        io.FlushFails = true;
        var failed = await store.AppendAsync(Batches.Of("lost"));
        Assert.Equal(ErrorCode.KafkaStorageError, failed.Error);
        Assert.Contains("restarted", failed.Message, StringComparison.Ordinal);
        io.FlushFails = false;
        Assert.Equal(ErrorCode.KafkaStorageError, (await store.AppendAsync(Batches.Of("later"))).Error);
        Assert.Equal([(0, "before")], Batches.ReadAll(store.Log));
        await store.RestartAsync();
        Assert.False(store.Store.WasClean);
        Assert.Equal(ErrorCode.None, (await store.AppendAsync(Batches.Of("after"))).Error);
    }

    [Fact]
    public async Task A_duplicate_waits_for_the_sync_of_its_original()
    {
        using var gate = new SemaphoreSlim(0);
        using var reached = new SemaphoreSlim(0);
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(Durability.Group, io: io);
        io.BeforeFlush = () =>
        {
            reached.Release();
            gate.Wait(Ct);
        };
        var original = store.AppendAsync(Batches.From(1, 0, 0));
        await reached.WaitAsync(Ct);
        var duplicate = store.AppendAsync(Batches.From(1, 0, 0));
        Assert.False(duplicate.IsCompleted);
        gate.Release(2);
        Assert.Equal(0, (await original).BaseOffset);
        Assert.Equal(0, (await duplicate).BaseOffset);
    }

    [Fact]
    public async Task Closing_answers_those_that_wait()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Group);
        var appends = Enumerable.Range(0, 20).Select(i => store.AppendAsync(Batches.Of($"v{i}"))).ToArray();
        await store.Store.DisposeAsync();
        Assert.All(await Task.WhenAll(appends), r => Assert.Equal(ErrorCode.None, r.Error));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (await store.AppendAsync(Batches.Of("late"))).Error);
        await store.OpenAsync();
        Assert.Equal(20, store.Log.EndOffset);
    }
}
