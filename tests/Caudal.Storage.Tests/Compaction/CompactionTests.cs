using System.Globalization;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Compaction;

public sealed class CompactionTests
{
    [Theory]
    [InlineData(Durability.Memory, CompressionType.None)]
    [InlineData(Durability.Os, CompressionType.None)]
    [InlineData(Durability.Group, CompressionType.None)]
    [InlineData(Durability.Os, CompressionType.Gzip)]
    [InlineData(Durability.Os, CompressionType.Snappy)]
    [InlineData(Durability.Memory, CompressionType.Lz4)]
    [InlineData(Durability.Os, CompressionType.Zstd)]
    public async Task Of_each_key_the_last_record_stays_at_its_offset(Durability durability, CompressionType codec)
    {
        await using var store = await StoreFixture.StartAsync(durability, Keyed.Compacted);
        for (var i = 0; i < 20; i++)
            await store.AppendAsync(Keyed.Of(RecordBatchProducer.None, codec, $"a={i}", $"b{i % 3}={i}", $"c{i}={i}"));
        await store.RollAsync();
        var dirty = store.Log.Segments[^1].BaseOffset;
        var before = Keyed.ReadPairs(store.Log);
        var size = store.Log.SizeInBytes;
        await store.CompactAsync();
        var last = before.Where(p => Offset(p) < dirty).GroupBy(Key).ToDictionary(g => g.Key, g => g.Max(Offset));
        var expected = before.Where(p => Offset(p) >= dirty || last[Key(p)] == Offset(p));
        Assert.Equal(expected, Keyed.ReadPairs(store.Log));
        Assert.True(store.Log.SizeInBytes < size);
        Assert.Equal(dirty, store.Log.CleanedOffset);
        if (durability == Durability.Memory)
            return;
        await store.RestartAsync();
        Assert.Equal(expected, Keyed.ReadPairs(store.Log));
        Assert.Equal(dirty, store.Log.CleanedOffset);
        await store.CrashAsync();
        Assert.Equal(expected, Keyed.ReadPairs(store.Log));
    }

    [Fact]
    public async Task A_read_finds_the_next_batch_from_every_offset_of_a_gap()
    {
        await using var store = await StoreFixture.StartAsync(config: Keyed.Compacted);
        for (var i = 0; i < 40; i++)
            await store.PutAsync($"a={i}", $"k{i % 5}={i}");
        await store.RollAsync();
        await store.CompactAsync();
        var batches = Keyed.ReadBatches(store.Log);
        for (var offset = 0L; offset < store.Log.EndOffset; offset++)
        {
            using var read = store.Log.Read(offset, 1, atLeastOneBatch: true);
            var expected = batches.First(b => b.LastOffset >= offset);
            Assert.Equal(expected.BaseOffset, RecordBatchView.Read(read.Records.Span).BaseOffset);
            Assert.True(store.Log.AvailableBytes(offset) > 0);
        }

        Assert.Equal(batches.SelectMany(b => b.Pairs).Select(Offset).Max(), store.Log.EndOffset - 1);
    }

    [Fact]
    public async Task Small_segments_become_one_and_old_files_go_after_their_delay()
    {
        await using var store = await StoreFixture.StartAsync(config: Keyed.Compacted);
        for (var i = 0; i < 60; i++)
            await store.PutAsync($"a={i}", $"b={i}");
        await store.RollAsync();
        Assert.True(store.Log.Segments.Length > 6);
        await store.CompactAsync();
        store.Clock.Advance(TimeSpan.FromMinutes(2));
        await store.CompactAsync();
        await store.PutAsync("z=1");
        await store.RollAsync();
        await store.CompactAsync();
        Assert.True(store.Log.Segments.Length <= 3);
        store.Clock.Advance(TimeSpan.FromMinutes(2));
        await store.Store.RunRetentionAsync();
        Assert.Equal(
            store.Log.Segments.Select(s => s.BaseOffset),
            Directory.GetFiles(store.LogPath, "*.log")
                .Select(f => long.Parse(Path.GetFileNameWithoutExtension(f), CultureInfo.InvariantCulture))
                .Order());
        Assert.Empty(Directory.GetFiles(store.LogPath, "*.deleted"));
        Assert.Empty(Directory.GetFiles(store.LogPath, "*.swap"));
        Assert.Empty(Directory.GetFiles(store.LogPath, "*.cleaned"));
    }

    [Fact]
    public async Task A_tombstone_stays_for_its_time_and_then_goes()
    {
        await using var store = await StoreFixture.StartAsync(config: Keyed.Compacted);
        await store.PutAsync("a=1", "b=1");
        await store.AppendAsync(Batches.Make([(Batches.Time, "a", null), (Batches.Time + 5, "c", "1")], RecordBatchProducer.None));
        await store.RollAsync();
        await store.CompactAsync();
        Assert.Equal(["1:b=1", "2:a", "3:c=1"], Keyed.ReadPairs(store.Log)[..3]);
        var batch = Keyed.ReadBatches(store.Log)[1];
        Assert.Equal((true, Batches.Time + 60_000), (batch.HasHorizon, batch.BaseTimestamp));
        // The records' own times are as before.
        Assert.Equal(3, store.Log.FindOffsetByTimestamp(Batches.Time + 5)?.Offset);
        await store.RollAsync();
        await store.CompactAsync();
        Assert.Contains("2:a", Keyed.ReadPairs(store.Log));
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        await store.RollAsync();
        await store.CompactAsync();
        Assert.Equal(["1:b=1", "3:c=1"], Keyed.ReadPairs(store.Log)[..2]);
    }

    [Fact]
    public async Task The_last_batch_of_a_producer_stays_as_a_header_and_its_sequence_goes_on()
    {
        await using var store = await StoreFixture.StartAsync(config: Keyed.Compacted);
        await store.AppendAsync(Keyed.Of(new RecordBatchProducer(7, 0, 0), CompressionType.None, "a=1"));
        await store.AppendAsync(Keyed.Of(new RecordBatchProducer(7, 0, 1), CompressionType.None, "a=2"));
        await store.AppendAsync(Keyed.Of(new RecordBatchProducer(7, 0, 2), CompressionType.None, "a=3", "b=1"));
        await store.PutAsync("a=4", "b=2");
        await store.RollAsync();
        await store.CompactAsync();
        var batch = Keyed.ReadBatches(store.Log)[0];
        Assert.Equal((2L, 3L, 2), (batch.BaseOffset, batch.LastOffset, batch.BaseSequence));
        Assert.Empty(batch.Pairs);
        // All that recovery has is the log.
        await store.Store.AbandonAsync();
        foreach (var file in Directory.GetFiles(store.LogPath, "*.s*"))
            File.Delete(file);
        await store.OpenAsync();
        var wrong = await store.AppendAsync(Keyed.Of(new RecordBatchProducer(7, 0, 9), CompressionType.None, "a=5"));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, wrong.Error);
        var next = await store.AppendAsync(Keyed.Of(new RecordBatchProducer(7, 0, 4), CompressionType.None, "a=5"));
        Assert.Equal(ErrorCode.None, next.Error);
    }

    [Fact]
    public async Task Records_in_an_open_transaction_and_after_it_stay_as_they_are()
    {
        await using var store = await StoreFixture.StartAsync(config: Keyed.Compacted);
        await store.PutAsync("a=1");
        await store.PutAsync("a=2");
        await store.RollAsync();
        var open = await store.AppendAsync(Keyed.Of(new RecordBatchProducer(7, 0, 0, true), CompressionType.None, "a=3"));
        await store.PutAsync("a=4");
        await store.RollAsync();
        await store.RollAsync();
        await store.CompactAsync();
        Assert.True(store.Log.CleanedOffset <= open.BaseOffset);
        Assert.Contains($"{open.BaseOffset}:a=3", Keyed.ReadPairs(store.Log));
        Assert.DoesNotContain("0:a=1", Keyed.ReadPairs(store.Log));
        Assert.Contains("1:a=2", Keyed.ReadPairs(store.Log));
    }

    [Fact]
    public async Task Records_without_a_key_are_refused()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory, Keyed.Compacted);
        foreach (var codec in (CompressionType[])[CompressionType.None, CompressionType.Lz4])
        {
            var batch = Batches.Make([(Batches.Time, "a", "1"), (Batches.Time, null, "2")], RecordBatchProducer.None, codec);
            Assert.Equal(ErrorCode.InvalidRecord, (await store.AppendAsync(batch)).Error);
        }

        Assert.Equal(0, store.Log.EndOffset);
    }

    [Fact]
    public async Task Records_wait_for_their_lag_and_do_not_wait_longer_than_the_other()
    {
        var config = Keyed.Compacted with { MinCompactionLagMs = 60_000 };
        await using var store = await StoreFixture.StartAsync(Durability.Memory, config);
        await store.PutAsync("a=1");
        await store.PutAsync("a=2");
        await store.RollAsync();
        await store.CompactAsync();
        Assert.Contains("0:a=1", Keyed.ReadPairs(store.Log));
        store.Clock.Advance(TimeSpan.FromMinutes(2));
        await store.CompactAsync();
        Assert.DoesNotContain("0:a=1", Keyed.ReadPairs(store.Log));

        store.Log.Config = Keyed.Compacted with { MinCleanableDirtyRatio = 1, MaxCompactionLagMs = 600_000 };
        await store.PutAsync("b=1");
        await store.PutAsync("b=2");
        await store.RollAsync();
        await store.CompactAsync();
        Assert.Contains(Keyed.ReadPairs(store.Log), p => p.EndsWith(":b=1", StringComparison.Ordinal));
        store.Clock.Advance(TimeSpan.FromMinutes(11));
        await store.CompactAsync();
        Assert.DoesNotContain(Keyed.ReadPairs(store.Log), p => p.EndsWith(":b=1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_is_compacted_once_enough_of_it_is_dirty()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory, Keyed.Compacted with { MinCleanableDirtyRatio = 0.5 });
        await PutDistinctAsync(store, 0, 40);
        // By itself, as time goes on.
        store.Clock.Advance(TimeSpan.FromSeconds(16));
        var cleaned = store.Log.CleanedOffset;
        Assert.True(cleaned > 30);
        await PutDistinctAsync(store, 40, 30);
        store.Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(cleaned, store.Log.CleanedOffset);
        await PutDistinctAsync(store, 70, 30);
        store.Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.True(store.Log.CleanedOffset > cleaned);
    }

    [Fact]
    public async Task What_was_read_before_stays_right_while_files_are_exchanged()
    {
        await using var store = await StoreFixture.StartAsync(config: Keyed.Compacted);
        await PutManyAsync(store, 40);
        using var read = store.Log.Read(0, 1000, atLeastOneBatch: true);
        var before = read.Records.ToArray();
        var old = store.Log.Segments[0];
        await store.RollAsync();
        await store.CompactAsync();
        Assert.Equal(before, read.Records.ToArray());
        Assert.NotSame(old, store.Log.Segments[0]);
    }

    [Fact]
    public async Task Retention_goes_on_in_a_log_that_is_compacted_and_deleted()
    {
        var config = Keyed.Compacted with { CleanupDelete = true, RetentionMs = 600_000 };
        await using var store = await StoreFixture.StartAsync(config: config);
        await PutManyAsync(store, 40);
        await store.RollAsync();
        await store.CompactAsync();
        store.Clock.Advance(TimeSpan.FromMinutes(11));
        await store.Store.RunRetentionAsync();
        Assert.Equal(store.Log.EndOffset, store.Log.LogStartOffset);
        Assert.Equal(ErrorCode.None, (await store.PutAsync("new=1")).Error);
        await store.RestartAsync();
        Assert.Equal([$"{store.Log.EndOffset - 1}:new=1"], Keyed.ReadPairs(store.Log));
    }

    [Fact]
    public async Task A_damaged_batch_ends_compaction_and_nothing_else()
    {
        await using var store = await StoreFixture.StartAsync(config: Keyed.Compacted);
        await PutManyAsync(store, 40);
        await store.RollAsync();
        var path = store.FileOf(store.Log.Segments[1].BaseOffset, ".log");
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Position = 70;
            file.WriteByte(0xff);
        }

        var before = store.Log.SizeInBytes;
        await store.CompactAsync();
        Assert.Equal(before, store.Log.SizeInBytes);
        Assert.Null(store.Log.PlanCompaction());
        Assert.Empty(Directory.GetFiles(store.LogPath, "*.cleaned"));
        Assert.Equal(ErrorCode.None, (await store.PutAsync("more=1")).Error);
    }

    private static async Task PutManyAsync(StoreFixture store, int count)
    {
        for (var i = 0; i < count; i++)
            Assert.Equal(ErrorCode.None, (await store.PutAsync($"a={i}", $"b{i % 4}={i}")).Error);
    }

    private static async Task PutDistinctAsync(StoreFixture store, int first, int count)
    {
        for (var i = first; i < first + count; i++)
            Assert.Equal(ErrorCode.None, (await store.PutAsync($"k{i}={i}")).Error);
    }

    private static long Offset(string pair) => long.Parse(pair[..pair.IndexOf(':')], CultureInfo.InvariantCulture);

    private static string Key(string pair) => pair[(pair.IndexOf(':') + 1)..].Split('=')[0];
}
