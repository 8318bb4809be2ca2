using System.Buffers.Binary;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

/// <summary>What a partition knows of transactions: which are open, which were aborted, who wrote them.</summary>
public sealed class TransactionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_index_file_holds_34_bytes_for_each_aborted_transaction()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync(Batches.From(7, 0, 0, 2, transactional: true));
        await store.AppendAsync(Batches.From(8, 0, 0, 1, transactional: true));
        await EndAsync(store, 7, ControlRecordType.Abort);
        await EndAsync(store, 8, ControlRecordType.Abort);
        await store.Store.DisposeAsync();

        var bytes = await File.ReadAllBytesAsync(store.FileOf(0, ".txnindex"), Ct);
        Assert.Equal(2 * 34, bytes.Length);
        Assert.Equal([0, 0], Enumerable.Range(0, 2).Select(i => (int)BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(i * 34))));
        var numbers = Enumerable.Range(0, 8).Select(i =>
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan((i / 4 * 34) + 2 + (i % 4 * 8))));
        // Producer, first offset, marker, last stable offset: while 8 was open it was its first offset, then the end.
        Assert.Equal([7, 0, 3, 2, 8, 2, 4, 5], numbers);
    }

    [Fact]
    public async Task Without_aborted_transactions_there_is_no_index_file()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync(Batches.From(7, 0, 0, 2, transactional: true));
        await EndAsync(store, 7, ControlRecordType.Commit);
        await EndAsync(store, 9, ControlRecordType.Abort);
        await store.Store.DisposeAsync();
        Assert.False(File.Exists(store.FileOf(0, ".txnindex")));
    }

    [Fact]
    public async Task Aborted_transactions_are_told_by_first_offset_where_they_overlap_the_range()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(1, 0, 0, 1, transactional: true)); // 0
        await store.AppendAsync(Batches.From(2, 0, 0, 1, transactional: true)); // 1
        await EndAsync(store, 2, ControlRecordType.Abort); // 2
        await store.AppendAsync("plain"); // 3
        await EndAsync(store, 1, ControlRecordType.Abort); // 4
        await store.AppendAsync(Batches.From(3, 0, 0, 1, transactional: true)); // 5
        await EndAsync(store, 3, ControlRecordType.Abort); // 6

        Assert.Equal([1, 2, 3], Found(0, 7));
        Assert.Equal([1], Found(0, 1));
        Assert.Equal([1], Found(3, 4));
        Assert.Equal([3], Found(5, 6));
        Assert.Equal([], Found(7, 8));

        IEnumerable<long> Found(long from, long to) => store.Log.FindAborted(from, to)!.Select(a => a.ProducerId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Aborted_transactions_are_known_after_restart_and_crash_in_every_segment(int how)
    {
        var config = LogConfig.Default with { SegmentBytes = 400 };
        await using var store = await StoreFixture.StartAsync(config: config);
        for (var i = 0; i < 20; i++)
        {
            await store.AppendAsync(Batches.From(i, 0, 0, 2, transactional: true));
            await EndAsync(store, i, i % 2 == 0 ? ControlRecordType.Abort : ControlRecordType.Commit);
        }

        var before = store.Log.FindAborted(0, 60)!;
        Assert.Equal(10, before.Count);
        if (how == 1)
            await store.RestartAsync();
        else if (how == 2)
            await store.CrashAsync();
        Assert.Equal(before, store.Log.FindAborted(0, 60)!);
        Assert.Equal(60, store.Log.LastStableOffset);
    }

    [Fact]
    public async Task A_damaged_index_is_made_anew()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync(Batches.From(7, 0, 0, 2, transactional: true));
        await EndAsync(store, 7, ControlRecordType.Abort);
        await store.Store.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(store.FileOf(0, ".txnindex"), Ct);
        await File.WriteAllBytesAsync(store.FileOf(0, ".txnindex"), bytes[..20], Ct);
        await store.OpenAsync();
        Assert.Equal([new AbortedTransaction(7, 0, 2, 3)], store.Log.FindAborted(0, 3)!);
    }

    [Fact]
    public async Task The_index_goes_with_its_segment()
    {
        var config = LogConfig.Default with { SegmentBytes = 200, FileDeleteDelayMs = 0 };
        await using var store = await StoreFixture.StartAsync(config: config);
        for (var i = 0; i < 6; i++)
        {
            await store.AppendAsync(Batches.From(i, 0, 0, 1, transactional: true));
            await EndAsync(store, i, ControlRecordType.Abort);
        }

        await store.RestartAsync();
        Assert.True(File.Exists(store.FileOf(0, ".txnindex")));
        Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(-1, TestContext.Current.CancellationToken));
        await store.Store.RunRetentionAsync();
        Assert.False(File.Exists(store.FileOf(0, ".txnindex")));
        Assert.Empty(store.Log.FindAborted(12, 20)!);
    }

    [Fact]
    public async Task A_batch_whose_look_up_is_out_of_date_does_not_open_a_transaction()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var seen = store.Log.MarkerCount;
        await EndAsync(store, 5, ControlRecordType.Abort);
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await AppendAsync(0, seen)).Error);
        Assert.False(store.Log.HasOpenTransaction(5, 0));
        Assert.Equal(ErrorCode.None, (await AppendAsync(0, store.Log.MarkerCount)).Error);
        // The transaction is open now: what follows belongs to it whatever others end.
        seen = store.Log.MarkerCount;
        await EndAsync(store, 6, ControlRecordType.Abort);
        Assert.Equal(ErrorCode.None, (await AppendAsync(1, seen)).Error);
        // And one that came twice is a duplicate even when its transaction is over.
        await EndAsync(store, 5, ControlRecordType.Commit);
        Assert.Equal((ErrorCode.None, 3L), await AppendAsync(1, seen) is var again ? (again.Error, again.BaseOffset) : default);

        ValueTask<AppendResult> AppendAsync(int sequence, long markers) => store.Log.AppendTransactionalAsync(
            Batches.From(5, 0, sequence, transactional: true), AppendOrigin.Client, markers, Ct);
    }

    [Fact]
    public async Task A_marker_of_the_second_protocol_ends_no_transaction_of_its_own_epoch()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        var marker = new ControlRecord(ControlRecordType.Commit, 0, 0);
        await store.AppendAsync(Batches.From(5, 1, 0, transactional: true));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await store.Log.AppendMarkerAsync(marker, 5, 1, raisesEpoch: true, Ct)).Error);
        Assert.Equal(ErrorCode.None, (await store.Log.AppendMarkerAsync(marker, 5, 2, raisesEpoch: true, Ct)).Error);
        // Once more after a restart of the coordinator: nothing is open, nothing happens.
        Assert.Equal(ErrorCode.None, (await store.Log.AppendMarkerAsync(marker, 5, 2, raisesEpoch: true, Ct)).Error);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await store.Log.AppendMarkerAsync(marker, 5, 1, raisesEpoch: false, Ct)).Error);
    }

    [Fact]
    public async Task A_coordinators_records_are_fenced_by_epoch_too()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(5, 3, -1, transactional: true), AppendOrigin.Coordinator);
        Assert.True(store.Log.HasOpenTransaction(5, 3));
        var fenced = await store.AppendAsync(Batches.From(5, 2, -1, transactional: true), AppendOrigin.Coordinator);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, fenced.Error);
    }

    [Fact]
    public async Task Producers_are_described_with_their_open_transactions()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(9, 1, 0, 3));
        await store.AppendAsync(Batches.From(5, 2, 0, 2, transactional: true));
        await store.Log.AppendMarkerAsync(new ControlRecord(ControlRecordType.Abort, 0, 4), 6, 7, false, Ct);
        Assert.Equal(
            [
                new ProducerDescription(5, 2, 1, Batches.Time, -1, 3),
                new ProducerDescription(6, 7, -1, Batches.Time, 4, -1),
                new ProducerDescription(9, 1, 2, Batches.Time, -1, -1),
            ],
            store.Log.DescribeProducers());
    }

    [Fact]
    public async Task A_silent_producer_with_an_open_transaction_is_not_forgotten()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(1, 0, 0, transactional: true));
        store.Clock.Advance(TimeSpan.FromHours(48));
        Assert.Equal(0, Assert.Single(store.Log.DescribeProducers()).TransactionStart);
        Assert.Equal(0, store.Log.LastStableOffset);
    }

    [Fact]
    public async Task The_last_stable_offset_never_lies_before_the_start()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(1, 0, 0, 3, transactional: true));
        Assert.Equal(ErrorCode.None, await store.Log.DeleteRecordsAsync(2, TestContext.Current.CancellationToken));
        await store.AppendAsync(Batches.From(1, 0, 3, transactional: true));
        Assert.Equal((2L, 4L), (store.Log.LastStableOffset, store.Log.HighWatermark));
    }

    [Fact]
    public async Task A_marker_wakes_who_waits_for_the_last_stable_offset()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.AppendAsync(Batches.From(1, 0, 0, transactional: true));
        var seen = -1L;
        using var waiting = store.Log.OnAdvance(() => seen = store.Log.LastStableOffset);
        await EndAsync(store, 1, ControlRecordType.Commit);
        Assert.Equal(2, seen);
    }

    private static async Task EndAsync(StoreFixture store, long producer, ControlRecordType type) =>
        Assert.Equal(
            ErrorCode.None, (await store.AppendAsync(Batches.Marker(producer, 0, type), AppendOrigin.Coordinator)).Error);
}
