using Caudal.Protocol;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

public sealed class LogStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_directory_in_use_is_refused_in_one_clear_line()
    {
        using var directory = new TemporaryDirectory();
        await using var store = await LogStore.OpenAsync(new LogStoreOptions { Directory = directory.Path }, Ct);
        var error = await FailsAsync(new LogStoreOptions { Directory = directory.Path });
        Assert.Contains(directory.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("another broker uses it", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task A_path_that_is_a_file_is_refused()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Of("file");
        await File.WriteAllTextAsync(file, "", Ct);
        var error = await FailsAsync(new LogStoreOptions { Directory = file });
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_of_another_cluster_or_node_is_refused()
    {
        using var directory = new TemporaryDirectory();
        var options = new LogStoreOptions { Directory = directory.Path, ClusterId = "AAAAAAAAQACAAAAAAAAAAQ" };
        await (await LogStore.OpenAsync(options, Ct)).DisposeAsync();
        await FailsAsync(options with { ClusterId = "AAAAAAAAQACAAAAAAAAAAw" });
        await FailsAsync(options with { NodeId = 2 });
        await using var again = await LogStore.OpenAsync(options with { ClusterId = null }, Ct);
        Assert.Equal("AAAAAAAAQACAAAAAAAAAAQ", again.ClusterId);
    }

    [Fact]
    public async Task Faulty_options_are_named_all_at_once()
    {
        var options = new LogStoreOptions
        {
            Directory = " ",
            Durability = Durability.Memory,
            RetentionInterval = TimeSpan.Zero,
            CheckpointInterval = TimeSpan.Zero,
            TailCacheBytes = -1,
        };
        Assert.Equal(5, options.Validate().Count);
        await Assert.ThrowsAsync<ArgumentException>(async () => await LogStore.OpenAsync(options, Ct));
    }

    [Fact]
    public async Task Many_logs_are_created_found_and_opened_again()
    {
        using var directory = new TemporaryDirectory();
        var options = new LogStoreOptions { Directory = directory.Path };
        var ids = new Dictionary<string, Uuid>();
        await using (var store = await LogStore.OpenAsync(options, Ct))
        {
            foreach (var topic in (string[])["a", "b-1", "c.d_e", new string('x', 249)])
            {
                ids[topic] = Uuid.NewRandom();
                for (var partition = 0; partition < 3; partition++)
                {
                    var log = store.Create(topic, partition, ids[topic], LogConfig.Default);
                    await log.AppendAsync(Batches.Of($"{topic}/{partition}"), AppendOrigin.Client, Ct);
                }
            }

            Assert.Equal(12, store.Logs.Count);
            Assert.Throws<StorageException>(() => store.Create("a", 0, Uuid.NewRandom(), LogConfig.Default));
            await store.DeleteAsync(new string('x', 249), 2);
            await store.DeleteAsync("unknown", 0);
        }

        await using var again = await LogStore.OpenAsync(options, Ct);
        Assert.Equal(11, again.Logs.Count);
        Assert.True(again.TryGet("b-1", 2, out var found));
        Assert.Equal(ids["b-1"], found.TopicId);
        Assert.Equal([(0, "b-1/2")], Batches.ReadAll(found));
        Assert.False(again.TryGet("b-1", 3, out _));
    }

    [Fact]
    public async Task The_controllers_own_log_is_left_alone()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.Of("__cluster_metadata-0"));
        Directory.CreateDirectory(directory.Of("orders-0.abc-future"));
        await using var store = await LogStore.OpenAsync(new LogStoreOptions { Directory = directory.Path }, Ct);
        Assert.Empty(store.Logs);
    }

    private static Task<StorageException> FailsAsync(LogStoreOptions options) =>
        Assert.ThrowsAsync<StorageException>(async () => await LogStore.OpenAsync(options, Ct));

    [Fact]
    public async Task A_directory_that_a_failed_deletion_left_is_moved_away()
    {
        await using var store = await StoreFixture.StartAsync(config: LogConfig.Default with { SegmentBytes = 100 });
        var left = Path.Combine(store.Path, "left-0");
        Directory.CreateDirectory(left);
        await File.WriteAllTextAsync(Path.Combine(left, "00000000000000000007.log"), "old", TestContext.Current.CancellationToken);
        var log = store.Store.Create("left", 0, StoreFixture.TopicId, LogConfig.Default);
        Assert.Equal(0, log.EndOffset);
        await store.RestartAsync();
        Assert.True(store.Store.TryGet("left", 0, out var again));
        Assert.Equal((0L, 1), (again.EndOffset, again.Segments.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_that_is_made_anew_inherits_no_checkpoint(bool restart)
    {
        await using var store = await StoreFixture.StartAsync(Durability.Group);
        await store.AppendAsync("a", "b", "c");
        Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(2, TestContext.Current.CancellationToken));
        Assert.True(store.Store.TryWriteCheckpoints());
        await store.Store.DeleteAsync(StoreFixture.Topic, 0);
        if (restart)
            await store.CrashAsync();
        else
            store.Store.Create(StoreFixture.Topic, 0, StoreFixture.TopicId, store.Config);
        Assert.True(store.Store.TryGet(StoreFixture.Topic, 0, out var log));
        Assert.Equal(ErrorCode.None, (await log.AppendAsync(
            Batches.Of("new"), AppendOrigin.Client, TestContext.Current.CancellationToken)).Error);

        await store.CrashAsync();

        Assert.Equal((0, 1), (store.Log.LogStartOffset, store.Log.EndOffset));
    }
}
