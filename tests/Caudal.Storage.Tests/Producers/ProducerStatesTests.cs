using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Producers;

public sealed class ProducerStatesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_last_five_batches_are_recognised_even_after_restart_and_crash(int how)
    {
        await using var store = await StoreFixture.StartAsync();
        for (var i = 0; i < 7; i++)
            Assert.Equal(i * 3, (await store.AppendAsync(Batches.From(9, 0, i * 3, 3))).BaseOffset);
        if (how == 1)
            await store.RestartAsync();
        else if (how == 2)
            await store.CrashAsync();
        for (var i = 6; i >= 2; i--)
        {
            var result = await store.AppendAsync(Batches.From(9, 0, i * 3, 3));
            Assert.Equal((ErrorCode.None, i * 3L), (result.Error, result.BaseOffset));
        }

        Assert.Equal(21, store.Log.EndOffset);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await store.AppendAsync(Batches.From(9, 0, 3, 3))).Error);
        Assert.Equal(21, (await store.AppendAsync(Batches.From(9, 0, 21))).BaseOffset);
    }

    [Fact]
    public async Task A_gap_is_out_of_order()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(1, 0, 0, 2));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await store.AppendAsync(Batches.From(1, 0, 3))).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await store.AppendAsync(Batches.From(1, 0, 1))).Error);
        Assert.Equal(ErrorCode.None, (await store.AppendAsync(Batches.From(1, 0, 2))).Error);
    }

    [Fact]
    public async Task An_unknown_producer_may_start_anywhere()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        Assert.Equal(ErrorCode.None, (await store.AppendAsync(Batches.From(1, 4, 77))).Error);
    }

    [Fact]
    public async Task A_new_epoch_starts_at_0_and_an_old_one_is_fenced()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(1, 0, 0));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await store.AppendAsync(Batches.From(1, 1, 1))).Error);
        Assert.Equal(ErrorCode.None, (await store.AppendAsync(Batches.From(1, 1, 0))).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await store.AppendAsync(Batches.From(1, 0, 1))).Error);
    }

    [Fact]
    public async Task Sequence_numbers_wrap_to_0_after_the_largest()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(1, 0, int.MaxValue));
        Assert.Equal(1, (await store.AppendAsync(Batches.From(1, 0, 0))).BaseOffset);
        Assert.Equal(0, (await store.AppendAsync(Batches.From(1, 0, int.MaxValue))).BaseOffset);
    }

    [Fact]
    public async Task Sequence_numbers_wrap_inside_a_batch()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(1, 0, int.MaxValue - 1, 4));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (await store.AppendAsync(Batches.From(1, 0, 1))).Error);
        Assert.Equal(4, (await store.AppendAsync(Batches.From(1, 0, 2))).BaseOffset);
        Assert.Equal(0, (await store.AppendAsync(Batches.From(1, 0, int.MaxValue - 1, 4))).BaseOffset);
    }

    [Fact]
    public async Task A_duplicate_tells_the_original_append_time()
    {
        var config = LogConfig.Default with { TimestampType = TimestampType.LogAppendTime };
        await using var store = await StoreFixture.StartAsync(Durability.Memory, config);
        await store.AppendAsync(Batches.From(1, 0, 0));
        store.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Batches.Time, (await store.AppendAsync(Batches.From(1, 0, 0))).LogAppendTimeMs);
    }

    [Fact]
    public async Task A_batch_without_epoch_or_sequence_is_refused()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        Assert.Equal(ErrorCode.InvalidRecord, (await store.AppendAsync(Batches.From(1, 0, -1))).Error);
        Assert.Equal(ErrorCode.InvalidRecord, (await store.AppendAsync(Batches.From(1, -1, 0))).Error);
    }

    [Fact]
    public async Task An_open_transaction_holds_the_last_stable_offset_until_its_marker()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("plain");
        await store.AppendAsync(Batches.From(1, 0, 0, 2, transactional: true));
        await store.AppendAsync("after");
        Assert.Equal((4L, 1L), (store.Log.HighWatermark, store.Log.LastStableOffset));
        Assert.Equal(ErrorCode.InvalidTxnState, (await store.AppendAsync(Batches.From(1, 0, 2))).Error);
        await store.CrashAsync();
        Assert.Equal((4L, 1L), (store.Log.HighWatermark, store.Log.LastStableOffset));
        await store.RestartAsync();
        Assert.Equal((4L, 1L), (store.Log.HighWatermark, store.Log.LastStableOffset));
        using (var read = store.Log.Read(0, 10_000, true, store.Log.LastStableOffset))
            Assert.Equal([(0, "plain")], Batches.Parse(read.Records.Span));
        await store.AppendAsync(Batches.Marker(1, 0, ControlRecordType.Commit, 3), AppendOrigin.Coordinator);
        Assert.Equal((5L, 5L), (store.Log.HighWatermark, store.Log.LastStableOffset));
        var fenced = await store.AppendAsync(Batches.Marker(1, 0, ControlRecordType.Commit, 2), AppendOrigin.Coordinator);
        Assert.Equal(ErrorCode.TransactionCoordinatorFenced, fenced.Error);
    }

    [Fact]
    public async Task Silent_producers_are_forgotten_after_their_time()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(1, 0, 0));
        store.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(ErrorCode.None, (await store.AppendAsync(Batches.From(1, 0, 50))).Error);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_passed_over()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync(Batches.From(1, 0, 0));
        await store.Store.DisposeAsync();
        var snapshot = store.FileOf(1, ".snapshot");
        var bytes = await File.ReadAllBytesAsync(snapshot, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(snapshot, bytes, TestContext.Current.CancellationToken);
        await store.OpenAsync();
        Assert.Equal(0, (await store.AppendAsync(Batches.From(1, 0, 0))).BaseOffset);
        Assert.Equal(1, store.Log.EndOffset);
    }
}
