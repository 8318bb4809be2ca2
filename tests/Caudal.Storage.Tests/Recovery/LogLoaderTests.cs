using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Recovery;

public sealed class LogLoaderTests
{
    private static readonly LogConfig Small = LogConfig.Default with { SegmentBytes = 400, IndexIntervalBytes = 1 };

    [Fact]
    public async Task A_torn_tail_is_cut_wherever_it_was_torn()
    {
        await using var store = await StoreFixture.StartAsync();
        for (var i = 0; i < 3; i++)
            await store.AppendAsync(Batches.From(1, 0, i));
        await store.Store.AbandonAsync();
        var file = store.FileOf(0, ".log");
        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var size = whole.Length / 3;
        // Every cut inside the last two batches, and the whole.
        for (var length = size; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(file, whole[..length], TestContext.Current.CancellationToken);
            foreach (var snapshot in Directory.GetFiles(store.LogPath, "*.s*"))
                File.Delete(snapshot);
            await store.OpenAsync();
            var kept = length / size;
            Assert.Equal(kept, store.Log.EndOffset);
            Assert.Equal(Enumerable.Range(0, kept).Select(i => ((long)i, $"1:0:{i}")), Batches.ReadAll(store.Log));
            Assert.Equal(kept * size, new FileInfo(file).Length);
            // The producer's state is that of what was kept.
            Assert.Equal(kept, (await store.AppendAsync(Batches.From(1, 0, kept))).BaseOffset);
            await store.Store.AbandonAsync();
        }
    }

    [Fact]
    public async Task A_flipped_bit_above_the_recovery_point_cuts_there_and_later_segments_go()
    {
        await using var store = await StoreFixture.StartAsync(config: Small);
        for (var i = 0; i < 20; i++)
            await store.AppendAsync($"v{i}");
        var segments = store.Log.Segments.Select(s => s.BaseOffset).ToArray();
        await store.Store.AbandonAsync();
        var second = store.FileOf(segments[1], ".log");
        var bytes = await File.ReadAllBytesAsync(second, TestContext.Current.CancellationToken);
        bytes[^3] ^= 1;
        await File.WriteAllBytesAsync(second, bytes, TestContext.Current.CancellationToken);
        await WriteAsync(Path.Combine(store.Path, "recovery-point-offset-checkpoint"), "0\n0\n");
        await store.OpenAsync();
        Assert.Equal(segments[2] - 1, store.Log.EndOffset);
        Assert.False(File.Exists(store.FileOf(segments[2], ".log")));
        Assert.Equal(store.Log.EndOffset, await store.AppendAsync("next"));
        Assert.Equal(Enumerable.Range(0, (int)store.Log.EndOffset).Select(i => (long)i), Batches.ReadAll(store.Log).Select(r => r.Offset));
    }

    [Theory]
    [InlineData(".index", null)]
    [InlineData(".timeindex", null)]
    [InlineData(".index", "")]
    [InlineData(".index", "rubbish that is not a multiple")]
    [InlineData(".timeindex", "rubbish")]
    [InlineData(".index", "\0\0\0\u0001\0\u0001\0\0")]
    [InlineData(".timeindex", "zzzzzzzzzzzzaaaaaaaaaaaa")]
    public async Task Damaged_or_missing_indexes_are_rebuilt(string suffix, string? content)
    {
        foreach (var clean in (bool[])[true, false])
        {
            await using var store = await StoreFixture.StartAsync(config: Small);
            for (var i = 0; i < 20; i++)
                await store.AppendAsync(Batches.Of(Batches.Time + i, $"v{i}"));
            await (clean ? store.Store.DisposeAsync() : store.Store.AbandonAsync());
            foreach (var file in Directory.GetFiles(store.LogPath, "*" + suffix))
            {
                if (content is null)
                    File.Delete(file);
                else
                    await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
            }

            await store.OpenAsync();
            Assert.Equal(Enumerable.Range(0, 20).Select(i => ((long)i, $"v{i}")), Batches.ReadAll(store.Log));
            for (var i = 0; i < 20; i++)
                Assert.Equal(i, store.Log.FindOffsetByTimestamp(Batches.Time + i)?.Offset);
        }
    }

    [Fact]
    public async Task An_index_that_lies_is_not_believed()
    {
        await using var store = await StoreFixture.StartAsync(config: Small with { SegmentBytes = 2000 });
        for (var i = 0; i < 60; i++)
            await store.AppendAsync($"v{i}");
        await store.Store.DisposeAsync();
        foreach (var file in Directory.GetFiles(store.LogPath, "*.index"))
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            // Offsets and positions still rise, but none of them is right.
            for (var i = 7; i < bytes.Length; i += 8)
                bytes[i]++;
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        }

        await store.OpenAsync();
        Assert.Equal(Enumerable.Range(0, 60).Select(i => ((long)i, $"v{i}")), Batches.ReadAll(store.Log));
        Assert.Equal(60, await store.AppendAsync("next"));
    }

    [Theory]
    [InlineData("leader-epoch-checkpoint")]
    [InlineData("partition.metadata")]
    [InlineData("../recovery-point-offset-checkpoint")]
    [InlineData("../log-start-offset-checkpoint")]
    [InlineData("../replication-offset-checkpoint")]
    public async Task Missing_and_damaged_small_files_lose_no_record(string name)
    {
        foreach (var content in (string?[])[null, "", "rubbish\n", "0\n7\n"])
        {
            await using var store = await StoreFixture.StartAsync(config: Small);
            for (var i = 0; i < 20; i++)
                await store.AppendAsync($"v{i}");
            await store.RestartAsync();
            await store.Store.DisposeAsync();
            var file = Path.Combine(store.LogPath, name);
            File.Delete(file);
            if (content is not null)
                await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
            await store.OpenAsync();
            Assert.Equal(20, Batches.ReadAll(store.Log).Count);
            Assert.Equal(20, await store.AppendAsync("next"));
        }
    }

    [Fact]
    public async Task Leftovers_of_a_crash_are_removed()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("a");
        await store.Store.AbandonAsync();
        foreach (var name in (string[])["00000000000000000007.index", "00000000000000000007.timeindex", "x.deleted", "y.cleaned", "z.tmp"])
            await File.WriteAllTextAsync(Path.Combine(store.LogPath, name), "", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(store.Path, "gone-0.0123456789abcdef0123456789abcdef-delete"));
        await store.OpenAsync();
        Assert.Single(Batches.ReadAll(store.Log));
        Assert.Equal(
            ["00000000000000000000.log", "leader-epoch-checkpoint", "partition.metadata"],
            Directory.GetFiles(store.LogPath).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetDirectories(store.Path, "*-delete"));
    }

    [Fact]
    public async Task A_clean_restart_keeps_everything_and_the_epoch()
    {
        await using var store = await StoreFixture.StartAsync(config: Small);
        for (var i = 0; i < 20; i++)
            await store.AppendAsync($"v{i}");
        var before = Batches.ReadAll(store.Log);
        var segments = store.Log.Segments.Select(s => (s.BaseOffset, s.Size, s.MaxTimestamp, s.NextOffset)).ToArray();
        await store.RestartAsync();
        Assert.True(store.Store.WasClean);
        Assert.Equal(0, store.Log.LeaderEpoch);
        Assert.Equal(StoreFixture.TopicId, store.Log.TopicId);
        Assert.Equal(before, Batches.ReadAll(store.Log));
        Assert.Equal(segments, store.Log.Segments.Select(s => (s.BaseOffset, s.Size, s.MaxTimestamp, s.NextOffset)));
        Assert.Equal(20, await store.AppendAsync("next"));
    }

    [Fact]
    public async Task A_start_offset_beyond_the_end_begins_anew_there()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("a");
        await store.Store.AbandonAsync();
        await WriteAsync(Path.Combine(store.Path, "log-start-offset-checkpoint"), "0\n1\norders 0 50\n");
        await store.OpenAsync();
        Assert.Equal((50L, 50L), (store.Log.LogStartOffset, store.Log.EndOffset));
        Assert.Equal(50, await store.AppendAsync("b"));
        await store.RestartAsync();
        Assert.Equal([(50, "b")], Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task An_empty_directory_of_a_partition_opens_as_an_empty_log()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.Store.AbandonAsync();
        foreach (var file in Directory.GetFiles(store.LogPath))
            File.Delete(file);
        await store.OpenAsync();
        Assert.Equal(0, store.Log.EndOffset);
        Assert.Equal(ErrorCode.None, (await store.AppendAsync(Batches.Of("a"))).Error);
    }

    private static Task WriteAsync(string path, string text) => File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);

    [Fact]
    public async Task Snapshots_that_a_power_cut_took_are_written_again()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Interval, LogConfig.Default with { SegmentBytes = 300 });
        await store.AppendAsync(OfProducer(0));
        while (store.Log.Segments.Length < 3)
            await store.AppendAsync("other");
        var bound = store.Log.Segments[^1].BaseOffset;
        await store.Store.AbandonAsync();
        foreach (var file in Directory.GetFiles(store.LogPath, "*.snapshot"))
            File.WriteAllBytes(file, []);

        await store.OpenAsync();
        Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(bound, TestContext.Current.CancellationToken));
        Assert.Equal(bound, store.Log.Segments[0].BaseOffset);
        await store.CrashAsync();

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await store.AppendAsync(OfProducer(2))).Error);
        Assert.Equal(ErrorCode.None, (await store.AppendAsync(OfProducer(1))).Error);

        static Memory<byte> OfProducer(int sequence) =>
            Keyed.Of(new RecordBatchProducer(7, 0, sequence), CompressionType.None, "k=v");
    }
}
