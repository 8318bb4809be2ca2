using Caudal.Protocol;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Crash;

/// <summary>Power cuts at chosen moments, on a disk that keeps nothing but what was synced.</summary>
public sealed class PowerCutTests
{
    private static readonly LogConfig Small = LogConfig.Default with { SegmentBytes = 300 };

    // Fills what is left of a segment's 300 bytes, so that the next one begins.
    private static readonly string Large = new('x', 200);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Durability.Os)]
    [InlineData(Durability.Interval)]
    [InlineData(Durability.Group)]
    public async Task A_segment_that_begins_after_a_half_written_append_survives_a_kill(Durability durability)
    {
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(durability, Small, io);
        await store.AppendAsync("a");
        io.RoomLeft = 40;
        Assert.Equal(ErrorCode.KafkaStorageError, (await store.AppendAsync(Batches.Of("lost"))).Error);
        io.RoomLeft = -1;
        Assert.Equal(1, await store.AppendAsync(Large));
        Assert.Equal(2, store.Log.Segments.Length);
        await store.CrashAsync();
        Assert.Equal([(0, "a"), (1, Large)], Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task What_a_half_written_append_left_behind_does_not_come_back_under_the_next_segment()
    {
        var (store, io) = await StartAsync(Durability.Group, Small);
        await using var owner = store;
        await store.AppendAsync("a");
        io.OperationsLeft = 0;
        Assert.Equal(ErrorCode.KafkaStorageError, (await store.AppendAsync(Batches.Of("lost"))).Error);
        await store.Store.AbandonAsync();
        io.Revive();
        await store.OpenAsync();
        Assert.Equal(1, await store.AppendAsync(Large));
        await CutPowerAsync(store, io);
        Assert.Equal([(0, "a"), (1, Large)], Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task An_orderly_end_leaves_no_half_written_append()
    {
        var io = new TestIo();
        await using var store = await StoreFixture.StartAsync(Durability.Group, io: io);
        await store.AppendAsync("a");
        var length = new FileInfo(store.FileOf(0, ".log")).Length;
        io.RoomLeft = 40;
        Assert.Equal(ErrorCode.KafkaStorageError, (await store.AppendAsync(Batches.Of("lost"))).Error);
        io.RoomLeft = -1;
        Assert.Equal(length + 40, new FileInfo(store.FileOf(0, ".log")).Length);
        await store.Store.DisposeAsync();
        Assert.Equal(length, new FileInfo(store.FileOf(0, ".log")).Length);
        await store.OpenAsync();
        Assert.True(store.Store.WasClean);
        Assert.Equal([(0, "a")], Batches.ReadAll(store.Log));
    }

    [Theory]
    [InlineData(Durability.Interval)]
    [InlineData(Durability.Group)]
    public async Task A_segment_has_its_name_on_the_disk_after_retention_took_all_others(Durability durability)
    {
        var (store, io) = await StartAsync(durability, Small with { RetentionMs = 1000 });
        await using var owner = store;
        await store.AppendAsync(Batches.From(1, 0, 0));
        await store.Log.FlushAsync();
        store.Clock.Advance(TimeSpan.FromSeconds(2));
        await store.Store.RunRetentionAsync();
        Assert.Equal(1, Assert.Single(store.Log.Segments).BaseOffset);
        Assert.Equal(1, await store.AppendAsync("new"));
        await store.Log.FlushAsync();
        Assert.Equal(2, store.Log.RecoveryPoint);
        await CutPowerAsync(store, io);
        Assert.Equal([(1, "new")], Batches.ReadAll(store.Log));
        // Of its producer the snapshot alone tells: what was sent again is no second record.
        Assert.Equal((ErrorCode.None, 0L), await ResultAsync(store.AppendAsync(Batches.From(1, 0, 0))));
    }

    [Fact]
    public async Task Producers_are_known_after_retention_was_quicker_than_the_flusher()
    {
        using var gate = new SemaphoreSlim(0);
        using var reached = new SemaphoreSlim(0);
        var (store, io) = await StartAsync(Durability.Interval, Small);
        await using var owner = store;
        await store.AppendAsync(Batches.From(1, 0, 0));
        await store.Log.FlushAsync();
        // All of the flusher's threads.
        var others = Enumerable.Range(1, 8).Select(i => store.Store.Create("other", i, StoreFixture.TopicId, Small)).ToArray();
        io.BeforeSync = path =>
        {
            if (!path.EndsWith(".log", StringComparison.Ordinal) || !path.Contains("other", StringComparison.Ordinal))
                return;
            reached.Release();
            gate.Wait(Ct);
        };
        foreach (var other in others)
            await other.AppendAsync(Batches.Of("a"), AppendOrigin.Client, Ct);
        var flushes = others.Select(o => o.FlushAsync()).ToArray();
        for (var i = 0; i < others.Length; i++)
            await reached.WaitAsync(Ct);
        await store.AppendAsync(Large);
        var error = await store.Log.DeleteRecordsAsync(1, Ct);
        var segments = store.Log.Segments.Length;
        io.BeforeSync = null;
        gate.Release(others.Length);
        await Task.WhenAll([.. flushes, store.Log.FlushAsync()]);
        Assert.Equal((ErrorCode.None, 1), (error, segments));
        await CutPowerAsync(store, io);
        Assert.Equal([(1, Large)], Batches.ReadAll(store.Log));
        Assert.Equal((ErrorCode.None, 0L), await ResultAsync(store.AppendAsync(Batches.From(1, 0, 0))));
    }

    [Fact]
    public async Task A_segment_that_begins_during_a_sync_of_the_directory_waits_for_the_next_one()
    {
        using var gate = new SemaphoreSlim(0);
        using var reached = new SemaphoreSlim(0);
        var (store, io) = await StartAsync(Durability.Group, Small);
        await using var owner = store;
        var directory = store.LogPath;
        io.BeforeSync = path =>
        {
            if (path != directory)
                return;
            reached.Release();
            gate.Wait(Ct);
        };
        var first = store.AppendAsync(Batches.Of("a"));
        await reached.WaitAsync(Ct);
        var second = store.AppendAsync(Batches.Of(Large));
        var segments = store.Log.Segments.Length;
        gate.Release();
        await first;
        // The second one is at the directory in its turn: not before that it is acknowledged.
        await reached.WaitAsync(Ct);
        var isAcknowledged = second.IsCompleted;
        io.BeforeSync = null;
        gate.Release();
        Assert.Equal(1, (await second).BaseOffset);
        Assert.Equal((2, false), (segments, isAcknowledged));
        await CutPowerAsync(store, io);
        Assert.Equal([(0, "a"), (1, Large)], Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task What_a_weaker_mode_left_behind_gets_its_names_on_the_disk_before_more_is_promised()
    {
        var (store, io) = await StartAsync(Durability.Os, Small);
        await using var owner = store;
        await store.AppendAsync("a");
        store.Durability = Durability.Group;
        await store.RestartAsync();
        Assert.True(store.Store.WasClean);
        Assert.Equal(1, await store.AppendAsync("b"));
        await CutPowerAsync(store, io);
        Assert.Equal([(0, "a"), (1, "b")], Batches.ReadAll(store.Log));
        Assert.Equal(StoreFixture.TopicId, store.Log.TopicId);
    }

    /// <summary>As Kafka's UnifiedLog.flush: the directory as well, if the segment is new.</summary>
    [Fact]
    public async Task A_topic_that_asks_for_syncs_gets_them_in_mode_os_with_the_names()
    {
        var (store, io) = await StartAsync(Durability.Os, Small with { FlushMessages = 1 });
        await using var owner = store;
        await store.AppendAsync("a");
        await CutPowerAsync(store, io);
        Assert.Equal([(0, "a")], Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task A_segment_is_not_compacted_while_its_indexes_are_written()
    {
        using var gate = new SemaphoreSlim(0);
        using var reached = new SemaphoreSlim(0);
        var (store, io) = await StartAsync(Durability.Group, Keyed.Compacted);
        await using var owner = store;
        await store.PutAsync("a=0");
        await store.PutAsync("a=1");
        var index = store.FileOf(0, ".index");
        io.BeforeSync = path =>
        {
            if (!path.StartsWith(index, StringComparison.Ordinal))
                return;
            reached.Release();
            gate.Wait(Ct);
        };
        var rolled = store.PutAsync("a=" + new string('x', 400));
        await reached.WaitAsync(Ct);
        var (segments, synced, dirty) = (store.Log.Segments.Length, store.Log.RecoveryPoint, store.Log.PlanCompaction()!.Value.DirtyBytes);
        io.BeforeSync = null;
        gate.Release();
        Assert.Equal(ErrorCode.None, (await rolled).Error);
        Assert.Equal((2, 2L, 0L), (segments, synced, dirty));
        Assert.NotEqual(0, store.Log.PlanCompaction()!.Value.DirtyBytes);
    }

    /// <summary>
    /// Kafka's order (Cleaner.cleanSegments, LocalLog.replaceSegments): the new segment is synced, then becomes <c>.swap</c>, then the old
    /// ones go, then it gets its name. What was on the disk is there after a power cut at any of these steps, in every mode.
    /// </summary>
    [Theory]
    [InlineData(Durability.Os)]
    [InlineData(Durability.Interval)]
    [InlineData(Durability.Group)]
    public async Task Compaction_takes_nothing_that_the_disk_had_wherever_the_power_goes(Durability durability)
    {
        var hasEnded = false;
        for (var operations = 0; !hasEnded; operations++)
        {
            if (operations % 3 == 0)
                await CutDuringCompactionAsync(durability, operations, new Random(operations));
            hasEnded = await CutDuringCompactionAsync(durability, operations, random: null);
        }
    }

    private static async Task<bool> CutDuringCompactionAsync(Durability durability, int operations, Random? random)
    {
        var (store, io) = await StartAsync(durability, Keyed.Compacted with { FileDeleteDelayMs = random is null ? 60_000 : 0 }, random);
        await using var owner = store;
        for (var i = 0; i < 6; i++)
            await store.PutAsync($"a={i}", $"b{i % 3}={i}", $"c{i}={i}");
        await store.RollAsync();
        await store.Log.FlushAsync();
        var expected = Last(store.Log);
        var end = store.Log.EndOffset;
        io.OperationsLeft = operations;
        await store.CompactAsync();
        var hasEnded = !io.IsDead;
        await CutPowerAsync(store, io);
        Assert.Equal((operations, end), (operations, store.Log.EndOffset));
        Assert.Equal(expected, Last(store.Log));
        return hasEnded;
    }

    private static SortedDictionary<string, string> Last(PartitionLog log)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in Keyed.ReadPairs(log))
            CrashModel.Apply(result, pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        return result;
    }

    private static async Task<(StoreFixture Store, CrashIo Io)> StartAsync(Durability durability, LogConfig config, Random? random = null)
    {
        CrashIo? io = null;
        var store = await StoreFixture.StartAsync(durability, config, path => io = new CrashIo(path, random));
        return (store, io!);
    }

    private static async Task<(ErrorCode Error, long Offset)> ResultAsync(Task<AppendResult> append) =>
        await append is var result ? (result.Error, result.BaseOffset) : default;

    private static async Task CutPowerAsync(StoreFixture store, CrashIo io)
    {
        await store.Store.AbandonAsync();
        io.PowerCut();
        await store.OpenAsync();
    }
}
