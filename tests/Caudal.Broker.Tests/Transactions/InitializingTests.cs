using Caudal.Protocol;

namespace Caudal.Broker.Tests.Transactions;

public sealed class InitializingTests
{
    [Fact]
    public async Task Every_new_producer_of_an_id_gets_the_next_epoch()
    {
        await using var t = await Transactor.StartAsync();
        var first = await t.InitializeAsync();
        var second = await t.InitializeAsync();
        Assert.Equal((first.ProducerId, 0, 1), (second.ProducerId, first.Epoch, second.Epoch));
        Assert.NotEqual(first.ProducerId, (await t.InitializeAsync(id: "y")).ProducerId);
        Assert.Equal(ErrorCode.ProducerFenced, await t.AddAsync(first));
        Assert.Equal(ErrorCode.None, await t.AddAsync(second));
    }

    [Fact]
    public async Task Ids_and_timeouts_are_checked()
    {
        await using var t = await Transactor.StartAsync();
        Assert.Equal(ErrorCode.InvalidRequest, (await t.Coordinator.InitializeAsync("", 1000, null)).Error);
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, (await t.Coordinator.InitializeAsync("x", 0, null)).Error);
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, (await t.Coordinator.InitializeAsync("x", 900_001, null)).Error);
        Assert.Equal(ErrorCode.None, (await t.Coordinator.InitializeAsync("x", 900_000, null)).Error);
        // Without an id every request gets a producer of its own, whatever it names.
        var plain = await t.Coordinator.InitializeAsync(null, 0, null);
        Assert.NotEqual(plain.ProducerId, (await t.Coordinator.InitializeAsync(null, 0, (plain.ProducerId, plain.Epoch))).ProducerId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task An_open_transaction_is_aborted_for_who_takes_over(short version)
    {
        await using var t = await Transactor.StartAsync();
        var first = await t.InitializeAsync();
        // The epoch of the marker is one higher in both protocols.
        await t.AddAsync(first, version);
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await t.Coordinator.InitializeAsync("x", 1000, null)).Error);
        var (partition, marker) = Assert.Single(t.Partitions.Markers);
        Assert.Equal((Transactor.A, first.ProducerId, 1, false), (partition, marker.ProducerId, marker.ProducerEpoch, marker.IsCommit));
        Assert.Equal(2, (await t.InitializeAsync()).Epoch);
        Assert.Equal(ErrorCode.ProducerFenced, (await t.EndAsync(first, commit: true)).Error);
    }

    [Fact]
    public async Task A_producer_that_names_its_epoch_gets_the_next_one_and_may_ask_again()
    {
        await using var t = await Transactor.StartAsync();
        var first = await t.InitializeAsync();
        var second = await t.InitializeAsync((first.ProducerId, first.Epoch));
        Assert.Equal(1, second.Epoch);
        // The answer was lost.
        Assert.Equal(second, await t.InitializeAsync((first.ProducerId, first.Epoch)));
        // Somebody else came between.
        await t.InitializeAsync();
        var stale = await t.Coordinator.InitializeAsync("x", 1000, (second.ProducerId, second.Epoch));
        Assert.Equal(ErrorCode.ProducerFenced, stale.Error);
        Assert.Equal(ErrorCode.ProducerFenced, (await t.Coordinator.InitializeAsync("x", 1000, (12345, 0))).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_id_whose_epochs_run_out_gets_another_producer_id(bool named)
    {
        await using var t = await Transactor.StartAsync();
        var last = await t.InitializeAsync();
        var id = last.ProducerId;
        while (last.Epoch < short.MaxValue - 1)
            last = await t.InitializeAsync();
        var next = await t.InitializeAsync(named ? (last.ProducerId, last.Epoch) : null);
        Assert.NotEqual(id, next.ProducerId);
        Assert.Equal(0, next.Epoch);
        // The former identity is known by its last epoch: that is a retry.
        var again = await t.Coordinator.InitializeAsync("x", 1000, (last.ProducerId, last.Epoch));
        Assert.Equal(named ? next : new(ErrorCode.ProducerFenced), again);
    }

    [Fact]
    public async Task A_log_that_refuses_is_told_and_changes_nothing()
    {
        await using var t = await Transactor.StartAsync();
        var first = await t.InitializeAsync();
        t.Log.Error = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await t.Coordinator.InitializeAsync("x", 1000, null)).Error);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, await t.AddAsync(first));
        t.Log.Error = ErrorCode.None;
        Assert.Equal(("Empty", first.ProducerId, first.Epoch), t.Describe());
        Assert.Equal(ErrorCode.None, await t.AddAsync(first));
    }

    [Fact]
    public async Task A_fence_that_the_log_refused_is_not_raised_twice()
    {
        await using var t = await Transactor.StartAsync();
        var first = await t.InitializeAsync();
        await t.AddAsync(first);
        t.Log.Error = ErrorCode.KafkaStorageError;
        for (var i = 0; i < 3; i++)
            Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await t.Coordinator.InitializeAsync("x", 1000, null)).Error);
        Assert.Equal(("Ongoing", first.ProducerId, (short)1), t.Describe());
        Assert.Equal(ErrorCode.ProducerFenced, await t.AddAsync(first));
        t.Log.Error = ErrorCode.None;
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await t.Coordinator.InitializeAsync("x", 1000, null)).Error);
        Assert.Equal(2, (await t.InitializeAsync()).Epoch);
    }

    [Fact]
    public async Task Who_comes_while_a_change_is_being_written_waits_for_it()
    {
        await using var t = await Transactor.StartAsync();
        var first = await t.InitializeAsync();
        t.Log.Hold();
        var adding = t.AddAsync(first).AsTask();
        var ending = t.EndAsync(first, commit: true).AsTask();
        Assert.False(adding.IsCompleted || ending.IsCompleted);
        t.Log.Release();
        Assert.Equal(ErrorCode.None, await adding);
        Assert.Equal(ErrorCode.None, (await ending).Error);
        Assert.Equal("CompleteCommit", t.Describe().State);
    }
}
