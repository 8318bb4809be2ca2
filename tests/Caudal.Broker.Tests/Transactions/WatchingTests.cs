using Caudal.Broker.StateLogs;
using Caudal.Broker.Transactions;
using Caudal.Protocol;

namespace Caudal.Broker.Tests.Transactions;

/// <summary>What time and restarts do to transactions.</summary>
public sealed class WatchingTests
{
    public static TheoryData<int, bool, short> Kills()
    {
        var data = new TheoryData<int, bool, short>();
        for (var records = 1; records <= 4; records++)
        {
            foreach (var commit in (bool[])[true, false])
            {
                data.Add(records, commit, 0);
                data.Add(records, commit, 2);
            }
        }

        return data;
    }

    // The records of a transaction: initialized, partition added, outcome decided, ended.
    [Theory]
    [MemberData(nameof(Kills))]
    public async Task Whatever_record_was_the_last_the_transaction_goes_on_from_there(int records, bool commit, short version)
    {
        await using var before = await Transactor.StartAsync();
        var producer = await before.InitializeAsync();
        await before.AddAsync(producer, version);
        await before.EndAsync(producer, commit, version);
        Assert.Equal(4, before.Log.Records.Count());

        await using var after = await before.KillAsync(records, keepPartitions: false);
        var outcome = commit ? "CompleteCommit" : "CompleteAbort";
        if (records >= 3)
            await after.WaitForAsync(outcome);
        else
            Assert.Equal(records == 1 ? "Empty" : "Ongoing", after.Describe().State);
        // A marker that may be there already is written again; one that is noted is not.
        Assert.Equal(records == 3 ? 1 : 0, after.Partitions.Markers.Length);
        if (records == 3)
        {
            var marker = after.Partitions.Markers[0].Marker;
            Assert.Equal((commit, producer.ProducerId, 1), (marker.IsCommit, marker.ProducerId, marker.CoordinatorEpoch));
        }

        // The client, which had no answer, asks again.
        if (records == 1)
            Assert.Equal(ErrorCode.None, await after.AddAsync(producer, version));
        var ended = await after.EndAsync(producer, commit, version);
        Assert.Equal(ErrorCode.None, ended.Error);
        Assert.Equal(version == 2 ? 1 : 0, ended.Epoch);
        Assert.Equal(outcome, after.Describe().State);
        Assert.Equal(ErrorCode.None, await after.AddAsync(ended, version));
    }

    [Fact]
    public async Task An_id_that_was_forgotten_stays_so_after_a_restart()
    {
        await using var before = await Transactor.StartAsync();
        var producer = await before.InitializeAsync();
        await before.InitializeAsync(id: "busy");
        await before.AddAsync(await before.InitializeAsync(id: "busy", timeoutMs: 900_000), 0, "busy");
        before.Time.Advance(TimeSpan.FromDays(7));
        // The open one was aborted, which is its last sign of life; the other one was silent.
        while (before.Describe().ProducerId != 0)
            await Task.Yield();
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await before.AddAsync(producer));
        await before.WaitForAsync("CompleteAbort", "busy");

        await using var after = await before.KillAsync();
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await after.AddAsync(producer));
        Assert.Equal("CompleteAbort", after.Describe("busy").State);
        Assert.NotEqual(producer.ProducerId, (await after.InitializeAsync()).ProducerId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transaction_that_is_open_for_too_long_is_aborted_and_its_producer_fenced(bool killed)
    {
        await using var first = await Transactor.StartAsync();
        var producer = await first.InitializeAsync(timeoutMs: 25_000);
        await first.AddAsync(producer);
        // Adding does not make it younger, nor does a restart.
        first.Time.Advance(TimeSpan.FromSeconds(20));
        await first.AddAsync(producer, 0, "x", Transactor.B);
        await using var second = killed ? await first.KillAsync(keepPartitions: false) : null;
        var t = second ?? first;
        Assert.Equal("Ongoing", t.Describe().State);
        t.Time.Advance(TimeSpan.FromSeconds(10));
        await t.WaitForAsync("CompleteAbort");
        Assert.Equal(2, t.Partitions.Markers.Length);
        Assert.All(t.Partitions.Markers, m => Assert.Equal((false, (short)1), (m.Marker.IsCommit, m.Marker.ProducerEpoch)));
        Assert.Equal(ErrorCode.ProducerFenced, (await t.EndAsync(producer, true)).Error);
        Assert.Equal(ErrorCode.ProducerFenced, await t.AddAsync(producer));
    }

    [Fact]
    public async Task Transactions_are_listed_by_state_producer_age_and_name()
    {
        await using var t = await Transactor.StartAsync();
        var one = await t.InitializeAsync(id: "one");
        await t.AddAsync(one, 0, "one");
        t.Time.Advance(TimeSpan.FromSeconds(5));
        var two = await t.InitializeAsync(id: "two");
        await t.AddAsync(two, 0, "two");
        await t.InitializeAsync(id: "three");

        Assert.Equal(["one", "three", "two"], List(new()));
        Assert.Equal(["one", "two"], List(new() { StateFilters = ["Ongoing", "CompleteAbort"] }));
        Assert.Equal(["two"], List(new() { ProducerIdFilters = [two.ProducerId] }));
        // What never was open counts as open for ever, as in Kafka.
        Assert.Equal(["one", "three"], List(new() { DurationFilter = 1000 }));
        Assert.Equal(["three", "two"], List(new() { TransactionalIdPattern = "t.*" }));
        Assert.Equal([], List(new() { TransactionalIdPattern = "t" }));
        Assert.Equal(["one", "three", "two"], List(new() { TransactionalIdPattern = "" }));
        var unknown = t.Coordinator.List(new() { StateFilters = ["ongoing", "5", "Empty"] });
        Assert.Equal(["ongoing", "5"], unknown.UnknownStateFilters);
        Assert.Equal("three", Assert.Single(unknown.TransactionStates).TransactionalId);
        foreach (var pattern in (string[])["(", "(?=x)", @"(a)\1"])
        {
            var refused = t.Coordinator.List(new() { TransactionalIdPattern = pattern });
            Assert.Equal(ErrorCode.InvalidRegularExpression, (ErrorCode)refused.ErrorCode);
        }

        IEnumerable<string> List(Protocol.Messages.ListTransactionsRequest request) =>
            t.Coordinator.List(request).TransactionStates.Select(s => s.TransactionalId).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task An_id_is_described_with_its_partitions_while_it_has_some()
    {
        await using var t = await Transactor.StartAsync();
        var producer = await t.InitializeAsync();
        await t.AddAsync(producer, 0, "x", Transactor.B, Transactor.A);
        var open = t.Coordinator.Describe(new() { TransactionalIds = ["x", "y", ""] }).TransactionStates;
        Assert.Equal([0, (short)ErrorCode.TransactionalIdNotFound, (short)ErrorCode.InvalidRequest], open.Select(s => s.ErrorCode));
        Assert.Equal(["a-0", "b-1"], open[0].Topics.Select(p => $"{p.Topic}-{p.Partitions[0]}").Order(StringComparer.Ordinal));
        Assert.Equal((60_000, t.Time.GetUtcNow().ToUnixTimeMilliseconds()), (open[0].TransactionTimeoutMs, open[0].TransactionStartTimeMs));
        await t.EndAsync(producer, true);
        Assert.Empty(t.Coordinator.Describe(new() { TransactionalIds = ["x"] }).TransactionStates[0].Topics);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_skipped()
    {
        await using var before = await Transactor.StartAsync();
        var producer = await before.InitializeAsync();
        before.Log.Add(new StateRecord([0, 9, 1], [1], 1));
        before.Log.Add(new StateRecord([0], null, 1));
        before.Log.Add(TransactionRecords.Delete("other", 1) with { Value = [0, 77] });
        await using var after = await before.KillAsync();
        Assert.Equal(("Empty", producer.ProducerId, producer.Epoch), after.Describe());
    }

    [Fact]
    public async Task A_stopped_coordinator_refuses_and_leaves_markers_to_the_next_start()
    {
        var before = await Transactor.StartAsync();
        var producer = await before.InitializeAsync();
        await before.AddAsync(producer);
        before.Partitions.Refusals = int.MaxValue;
        Assert.Equal(ErrorCode.None, (await before.EndAsync(producer, true)).Error);
        await before.DisposeAsync();
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, await before.AddAsync(producer));
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await before.EndAsync(producer, true)).Error);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await before.Coordinator.InitializeAsync("x", 1000, null)).Error);
        Assert.Equal((short)ErrorCode.CoordinatorNotAvailable, before.Coordinator.List(new()).ErrorCode);

        before.Partitions.Refusals = 0;
        await using var after = await before.KillAsync();
        await after.WaitForAsync("CompleteCommit");
        Assert.True(Assert.Single(after.Partitions.Markers).Marker.IsCommit);
    }
}
