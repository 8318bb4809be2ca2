using Caudal.Broker.StateLogs;
using Caudal.Broker.Transactions;
using Caudal.Protocol;

namespace Caudal.Broker.Tests.Transactions;

public sealed class EndingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_the_first_protocol_a_retry_has_the_same_answer_and_the_opposite_is_refused(bool commit)
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        await t.AddAsync(producer, 0, "x", Transactor.A, Transactor.B);
        Assert.Equal(ErrorCode.None, (await t.EndAsync(producer, commit)).Error);
        Assert.Equal(2, t.Partitions.Markers.Length);
        Assert.All(t.Partitions.Markers, m => Assert.Equal((commit, producer.Epoch), (m.Marker.IsCommit, m.Marker.ProducerEpoch)));
        Assert.Equal(ErrorCode.None, (await t.EndAsync(producer, commit)).Error);
        Assert.Equal(ErrorCode.InvalidTxnState, (await t.EndAsync(producer, !commit)).Error);
        Assert.Equal(2, t.Partitions.Markers.Length);
        Assert.Equal(commit ? "CompleteCommit" : "CompleteAbort", t.Describe().State);
    }

    [Fact]
    public async Task In_the_first_protocol_an_empty_transaction_cannot_be_ended()
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        Assert.Equal(ErrorCode.InvalidTxnState, (await t.EndAsync(producer, true)).Error);
        Assert.Equal(ErrorCode.InvalidTxnState, (await t.EndAsync(producer, false)).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_the_second_protocol_every_end_raises_the_epoch_and_a_retry_is_known_by_the_former(bool commit)
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        await t.AddAsync(producer, 2);
        var next = await t.EndAsync(producer, commit, 2);
        Assert.Equal(new ProducerIdentity(ErrorCode.None, producer.ProducerId, 1), next);
        var marker = Assert.Single(t.Partitions.Markers).Marker;
        Assert.Equal((1, true), (marker.ProducerEpoch, marker.RaisesEpoch));
        Assert.Equal(next, await t.EndAsync(producer, commit, 2));
        Assert.Equal(ErrorCode.InvalidTxnState, (await t.EndAsync(producer, !commit, 2)).Error);
        // A write that was on its way belongs to no transaction any more.
        Assert.Equal(ErrorCode.ProducerFenced, await t.AddAsync(producer, 2));
        Assert.Equal(ErrorCode.None, await t.AddAsync(next, 2));
    }

    [Fact]
    public async Task In_the_second_protocol_an_empty_transaction_may_be_aborted_but_not_committed()
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        Assert.Equal(ErrorCode.InvalidTxnState, (await t.EndAsync(producer, true, 2)).Error);
        var next = await t.EndAsync(producer, false, 2);
        Assert.Equal(1, next.Epoch);
        Assert.Equal(2, (await t.EndAsync(next, false, 2)).Epoch);
        Assert.Equal(ErrorCode.ProducerFenced, (await t.EndAsync(producer, false, 2)).Error);
        Assert.Empty(t.Partitions.Markers);
    }

    [Fact]
    public async Task In_the_second_protocol_the_last_epoch_is_followed_by_another_producer_id()
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        while (producer.Epoch < short.MaxValue - 1)
            producer = await t.EndAsync(producer, false, 2);
        await t.AddAsync(producer, 2);
        var next = await t.EndAsync(producer, true, 2);
        Assert.Equal((ErrorCode.None, 0), (next.Error, next.Epoch));
        Assert.NotEqual(producer.ProducerId, next.ProducerId);
        // Its marker fences the former id for good.
        var marker = Assert.Single(t.Partitions.Markers).Marker;
        Assert.Equal((producer.ProducerId, short.MaxValue), (marker.ProducerId, marker.ProducerEpoch));
        Assert.Equal(next, await t.EndAsync(producer, true, 2));
        // The answer of the rotation was lost, and the broker was killed besides.
        await using var later = await t.KillAsync();
        Assert.Equal(next, await later.EndAsync(producer, true, 2));
        Assert.Equal(ErrorCode.None, await later.AddAsync(next, 2));
    }

    [Fact]
    public async Task Who_is_not_the_producer_ends_nothing()
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        await t.AddAsync(producer);
        foreach (var version in (short[])[0, 2])
        {
            var other = producer with { ProducerId = 12345 };
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, (await t.EndAsync(other, true, version)).Error);
            Assert.Equal(ErrorCode.ProducerFenced, (await t.EndAsync(producer with { Epoch = 7 }, true, version)).Error);
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, (await t.EndAsync(producer, true, version, "unknown")).Error);
            Assert.Equal(ErrorCode.InvalidRequest, (await t.EndAsync(producer, true, version, "")).Error);
        }
    }

    [Fact]
    public async Task A_partition_that_was_deleted_needs_no_marker()
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        await t.AddAsync(producer, 0, "x", Transactor.A, new PartitionKey("gone", 0));
        Assert.Equal(ErrorCode.None, (await t.EndAsync(producer, true)).Error);
        Assert.Equal(Transactor.A, Assert.Single(t.Partitions.Markers).Partition);
        Assert.Equal("CompleteCommit", t.Describe().State);
    }

    [Theory]
    [InlineData(ErrorCode.InvalidProducerEpoch)]
    [InlineData(ErrorCode.TransactionCoordinatorFenced)]
    public async Task A_partition_that_has_seen_a_later_end_needs_no_marker(ErrorCode refusal)
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        await t.AddAsync(producer);
        (t.Partitions.Refusal, t.Partitions.Refusals) = (refusal, 1);
        Assert.Equal(ErrorCode.None, (await t.EndAsync(producer, true)).Error);
        Assert.Equal("CompleteCommit", t.Describe().State);
    }

    [Fact]
    public async Task A_marker_that_cannot_be_written_is_tried_again_and_the_outcome_stays()
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        await t.AddAsync(producer, 0, "x", Transactor.A, Transactor.B);
        t.Partitions.Refusals = 3;
        Assert.Equal(ErrorCode.None, (await t.EndAsync(producer, true)).Error);
        Assert.Equal("PrepareCommit", t.Describe().State);
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await t.EndAsync(producer, true)).Error);
        Assert.Equal(ErrorCode.InvalidTxnState, (await t.EndAsync(producer, false)).Error);
        Assert.Equal(ErrorCode.ConcurrentTransactions, await t.AddAsync(producer));
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await t.Coordinator.InitializeAsync("x", 1000, null)).Error);
        while (t.Describe().State != "CompleteCommit")
        {
            t.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal([Transactor.A, Transactor.B], t.Partitions.Markers.Select(m => m.Partition).Order(Comparer()));
        Assert.Equal(ErrorCode.None, (await t.EndAsync(producer, true)).Error);
    }

    private static Comparer<PartitionKey> Comparer() =>
        Comparer<PartitionKey>.Create((x, y) => string.CompareOrdinal(x.Topic, y.Topic));
}
