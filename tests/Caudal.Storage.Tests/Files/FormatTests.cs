using System.Buffers.Binary;
using Caudal.Protocol.Checksums;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Files;

/// <summary>The bytes of each file, against Kafka's formats written down here once more.</summary>
public sealed class FormatTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_log_file_holds_the_batches_as_they_are_sent()
    {
        await using var store = await StoreFixture.StartAsync();
        var batch = Batches.Of("a");
        await store.AppendAsync(batch);
        Assert.Equal(batch.ToArray(), await File.ReadAllBytesAsync(store.FileOf(0, ".log"), Ct));
        Assert.Equal("00000000000000000000.log", Path.GetFileName(store.FileOf(0, ".log")));
    }

    [Fact]
    public async Task Indexes_name_the_last_offset_and_the_position_of_a_batch()
    {
        await using var store = await StoreFixture.StartAsync(config: LogConfig.Default with { IndexIntervalBytes = 1 });
        var size = Batches.Of("a", "b").Length;
        for (var i = 0; i < 3; i++)
            await store.AppendAsync(Batches.Of(Batches.Time + i, "a", "b"));
        await store.Store.DisposeAsync();
        var index = await File.ReadAllBytesAsync(store.FileOf(0, ".index"), Ct);
        var numbers = Enumerable.Range(0, index.Length / 4).Select(i => BinaryPrimitives.ReadInt32BigEndian(index.AsSpan(i * 4)));
        Assert.Equal([3, size, 5, 2 * size], numbers);
        var times = await File.ReadAllBytesAsync(store.FileOf(0, ".timeindex"), Ct);
        Assert.Equal(24, times.Length);
        Assert.Equal(Batches.Time + 1, BinaryPrimitives.ReadInt64BigEndian(times));
        Assert.Equal(3, BinaryPrimitives.ReadInt32BigEndian(times.AsSpan(8)));
        Assert.Equal(Batches.Time + 2, BinaryPrimitives.ReadInt64BigEndian(times.AsSpan(12)));
        Assert.Equal(5, BinaryPrimitives.ReadInt32BigEndian(times.AsSpan(20)));
    }

    [Fact]
    public async Task The_snapshot_is_named_by_the_end_and_holds_the_last_batch_of_each_producer()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync(Batches.From(7, 2, 10, 3, transactional: true));
        await store.Store.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(store.FileOf(3, ".snapshot"), Ct);
        Assert.Equal(6 + 4 + 46, bytes.Length);
        Assert.Equal(1, BinaryPrimitives.ReadInt16BigEndian(bytes));
        Assert.Equal(Crc32C.Compute(bytes.AsSpan(6)), BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(2)));
        Assert.Equal(1, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(6)));
        Assert.Equal(7, BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(10)));
        Assert.Equal(2, BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(18)));
        Assert.Equal(12, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20)));
        Assert.Equal(2, BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(24)));
        Assert.Equal(2, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(32)));
        Assert.Equal(Batches.Time, BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(36)));
        Assert.Equal(-1, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(44)));
        Assert.Equal(0, BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(48)));
    }

    [Fact]
    public async Task The_small_files_read_as_kafka_writes_them()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("a", "b");
        await store.Log.DeleteRecordsAsync(1, TestContext.Current.CancellationToken);
        await store.Store.DisposeAsync();
        Assert.Equal("version: 0\ntopic_id: AAAAAAAAQACAAAAAAAAAAQ\n", await TextAsync(store.LogPath, "partition.metadata"));
        Assert.Equal("0\n1\n0 1\n", await TextAsync(store.LogPath, "leader-epoch-checkpoint"));
        Assert.Equal("0\n1\norders 0 2\n", await TextAsync(store.Path, "recovery-point-offset-checkpoint"));
        Assert.Equal("0\n1\norders 0 1\n", await TextAsync(store.Path, "log-start-offset-checkpoint"));
        Assert.Equal("0\n1\norders 0 2\n", await TextAsync(store.Path, "replication-offset-checkpoint"));
        Assert.Equal("{\"version\":0,\"brokerEpoch\":-1}", await TextAsync(store.Path, ".kafka_cleanshutdown"));
        var meta = await TextAsync(store.Path, "meta.properties");
        Assert.Contains($"cluster.id={store.Store.ClusterId}\n", meta, StringComparison.Ordinal);
        Assert.Contains("version=1\n", meta, StringComparison.Ordinal);
        Assert.Contains("node.id=1\n", meta, StringComparison.Ordinal);
        Assert.Contains("directory.id=", meta, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_clean_mark_is_gone_while_the_store_is_open()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.RestartAsync();
        Assert.False(File.Exists(Path.Combine(store.Path, ".kafka_cleanshutdown")));
    }

    [Fact]
    public async Task Checkpoints_are_written_by_the_clock()
    {
        await using var store = await StoreFixture.StartAsync(config: LogConfig.Default with { FlushMessages = 1 });
        await store.AppendAsync("a");
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("0\n1\norders 0 1\n", await TextAsync(store.Path, "recovery-point-offset-checkpoint"));
    }

    [Fact]
    public async Task Markers_survive_a_restart()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync(Batches.From(7, 0, 0, transactional: true));
        await store.AppendAsync(Batches.Marker(7, 0, ControlRecordType.Abort, 4), AppendOrigin.Coordinator);
        await store.RestartAsync();
        Assert.Equal(2, store.Log.LastStableOffset);
        var fenced = await store.AppendAsync(Batches.Marker(7, 0, ControlRecordType.Abort, 3), AppendOrigin.Coordinator);
        Assert.Equal(Protocol.ErrorCode.TransactionCoordinatorFenced, fenced.Error);
    }

    private static Task<string> TextAsync(string directory, string name) => File.ReadAllTextAsync(Path.Combine(directory, name), Ct);
}
