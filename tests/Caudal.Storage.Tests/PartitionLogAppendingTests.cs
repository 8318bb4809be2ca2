using System.Buffers.Binary;
using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

public sealed class PartitionLogAppendingTests
{
    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    [InlineData(Durability.Group)]
    public async Task Records_get_offsets_in_order_and_are_read_back(Durability durability)
    {
        await using var store = await StoreFixture.StartAsync(durability);
        Assert.Equal(0, await store.AppendAsync("a", "b"));
        Assert.Equal(2, await store.AppendAsync("c"));
        Assert.Equal(3, store.Log.EndOffset);
        Assert.Equal(3, store.Log.HighWatermark);
        Assert.Equal(3, store.Log.LastStableOffset);
        Assert.Equal([(0, "a"), (1, "b"), (2, "c")], Batches.ReadAll(store.Log));
    }

    [Fact]
    public async Task The_result_says_the_last_offset_and_no_append_time()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var result = await store.AppendAsync(Batches.Of("a", "b", "c"));
        Assert.Equal(new AppendResult(ErrorCode.None, 0, -1, 0, null, 2), result);
    }

    [Fact]
    public async Task A_damaged_batch_is_refused_as_corrupt()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var batch = Batches.Of("a");
        batch.Span[^1] ^= 1;
        await Refused(store, batch, ErrorCode.CorruptMessage);
        await Refused(store, Batches.Of("a")[..^1], ErrorCode.CorruptMessage);
        await Refused(store, Memory<byte>.Empty, ErrorCode.InvalidRecord);
    }

    [Fact]
    public async Task Old_formats_are_refused_with_the_way_out()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var batch = Batches.Of("a");
        batch.Span[RecordBatchHeader.MagicOffset] = 1;
        var result = await store.AppendAsync(batch);
        Assert.Equal(ErrorCode.UnsupportedForMessageFormat, result.Error);
        Assert.Contains("version 2", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_sends_exactly_one_batch_with_base_offset_0()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await Refused(store, new byte[][] { [.. Batches.Of("a").Span, .. Batches.Of("b").Span] }[0], ErrorCode.InvalidRecord);
        var batch = Batches.Of("a");
        RecordBatchPatch.SetBaseOffset(batch.Span, 7);
        await Refused(store, batch, ErrorCode.InvalidRecord);
    }

    [Fact]
    public async Task Counts_that_disagree_are_refused()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var batch = Batches.Of("a", "b");
        BinaryPrimitives.WriteInt32BigEndian(batch.Span[RecordBatchHeader.LastOffsetDeltaOffset..], 5);
        RecordBatchPatch.RecomputeCrc(batch.Span);
        await Refused(store, batch, ErrorCode.InvalidRecord);
    }

    [Fact]
    public async Task Control_batches_come_from_the_coordinator_only()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await Refused(store, Batches.Marker(1, 0, ControlRecordType.Commit), ErrorCode.InvalidRecord);
        var result = await store.AppendAsync(Batches.Marker(1, 0, ControlRecordType.Commit), AppendOrigin.Coordinator);
        Assert.Equal(ErrorCode.None, result.Error);
    }

    [Fact]
    public async Task Sizes_are_limited_by_message_and_segment()
    {
        var config = LogConfig.Default with { MaxMessageBytes = 500, SegmentBytes = 1000 };
        await using var store = await StoreFixture.StartAsync(Durability.Memory, config);
        Assert.Equal(ErrorCode.None, (await store.AppendAsync(Batches.Sized(500))).Error);
        await Refused(store, Batches.Sized(501), ErrorCode.MessageTooLarge);
        var result = await store.AppendAsync(Batches.Sized(1001), AppendOrigin.Coordinator);
        Assert.Equal(ErrorCode.RecordListTooLarge, result.Error);
    }

    [Fact]
    public async Task Timestamps_far_from_the_clock_are_refused()
    {
        var config = LogConfig.Default with { TimestampBeforeMaxMs = 10_000 };
        await using var store = await StoreFixture.StartAsync(Durability.Memory, config);
        await Refused(store, Batches.Of(Batches.Time + 3_600_001, "ahead"), ErrorCode.InvalidTimestamp);
        await Refused(store, Batches.Of(Batches.Time - 10_001, "behind"), ErrorCode.InvalidTimestamp);
        Assert.Equal(0, (await store.AppendAsync(Batches.Of(Batches.Time + 3_600_000, "just right"))).BaseOffset);
        Assert.Equal(1, (await store.AppendAsync(Batches.Of(-1, "without"))).BaseOffset);
    }

    [Fact]
    public async Task Log_append_time_overrides_the_producers_and_keeps_the_checksum_right()
    {
        var config = LogConfig.Default with { TimestampType = TimestampType.LogAppendTime };
        await using var store = await StoreFixture.StartAsync(Durability.Memory, config);
        store.Clock.Advance(TimeSpan.FromSeconds(5));
        var result = await store.AppendAsync(Batches.Of(1, "a"));
        Assert.Equal(Batches.Time + 5000, result.LogAppendTimeMs);
        using var read = store.Log.Read(0, 1000, true);
        var batch = RecordBatchView.Read(read.Records.Span);
        Assert.True(batch.HasValidCrc);
        Assert.Equal(TimestampType.LogAppendTime, batch.TimestampType);
        Assert.Equal(Batches.Time + 5000, batch.MaxTimestamp);
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Zstd)]
    public async Task A_compacted_topic_refuses_records_without_key(CompressionType codec)
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory, LogConfig.Default with { CleanupCompact = true });
        await Refused(store, Batches.Make([(1, "k", "v"), (1, null, "v")], RecordBatchProducer.None, codec), ErrorCode.InvalidRecord);
        Assert.Equal(0, (await store.AppendAsync(Batches.Make([(1, "k", null)], RecordBatchProducer.None, codec))).BaseOffset);
    }

    [Fact]
    public async Task Offsets_inside_a_batch_must_count_from_0()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var batch = Batches.Of("a", "b");
        // Length 1, attributes 1, timestamp delta 1: the offset delta of the first record follows.
        batch.Span[RecordBatchHeader.Size + 3] = 2;
        RecordBatchPatch.RecomputeCrc(batch.Span);
        await Refused(store, batch, ErrorCode.InvalidRecord);
    }

    [Fact]
    public async Task A_wrong_largest_timestamp_in_the_header_is_put_right()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var batch = Batches.Make([(10, "k", "a"), (30, "k", "b"), (20, "k", "c")], RecordBatchProducer.None);
        BinaryPrimitives.WriteInt64BigEndian(batch.Span[RecordBatchHeader.MaxTimestampOffset..], -1);
        RecordBatchPatch.RecomputeCrc(batch.Span);
        Assert.Equal(ErrorCode.None, (await store.AppendAsync(batch)).Error);
        Assert.Equal(new OffsetAndTimestamp(1, 30, 0), store.Log.FindMaxTimestamp());
    }

    [Fact]
    public async Task An_unknown_codec_is_refused()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var batch = Batches.Of("a");
        batch.Span[RecordBatchHeader.AttributesOffset + 1] = 6;
        RecordBatchPatch.RecomputeCrc(batch.Span);
        await Refused(store, batch, ErrorCode.UnsupportedCompressionType);
    }

    [Fact]
    public async Task Appends_from_many_threads_lose_nothing()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Os, LogConfig.Default with { SegmentBytes = 4000 });
        await Parallel.ForAsync(0, 400, TestContext.Current.CancellationToken, async (i, ct) =>
            await store.Log.AppendAsync(Batches.Of($"v{i}"), AppendOrigin.Client, ct));
        var all = Batches.ReadAll(store.Log);
        Assert.Equal(Enumerable.Range(0, 400).Select(i => (long)i), all.Select(r => r.Offset));
        Assert.Equal(400, all.Select(r => r.Value).Distinct().Count());
    }

    private static async Task Refused(StoreFixture store, Memory<byte> batch, ErrorCode error)
    {
        var end = store.Log.EndOffset;
        var result = await store.AppendAsync(batch);
        Assert.Equal(error, result.Error);
        Assert.Equal(-1, result.BaseOffset);
        Assert.False(string.IsNullOrEmpty(result.Message));
        Assert.Equal(end, store.Log.EndOffset);
    }
}
