using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Transactions;

/// <summary>Transactions over a fake cluster, of the first version and of KIP-890's.</summary>
public sealed class TransactionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_committed_counts_and_what_is_aborted_does_not(bool second)
    {
        await using var fixture = new TransactionFixture(second, partitions: 3);
        for (var round = 0; round < 6; round++)
        {
            await using var transaction = await fixture.Producer.BeginTransactionAsync(Token);
            for (var i = 0; i < 30; i++)
                await transaction.EnqueueAsync(new("t", null, $"{round}-{i}") { Partition = i % 3 }, cancellationToken: Token);
            if (round % 3 == 0)
                await transaction.AbortAsync(Token);
            else if (round % 3 == 1)
                await transaction.CommitAsync(Token);
            // Else it is disposed without a commit.
        }

        for (var partition = 0; partition < 3; partition++)
        {
            var expected = from round in new[] { 1, 4 } from i in Enumerable.Range(0, 30) where i % 3 == partition select $"{round}-{i}";
            Assert.Equal(expected, fixture.Topic[partition].Committed);
        }

        Assert.Equal(second, fixture.Cluster.Count(ApiKey.AddPartitionsToTxn) == 0);
        Assert.Equal(1, fixture.Cluster.Count(ApiKey.InitProducerId));
        Assert.Equal(second ? (short)12 : (short)11, fixture.Cluster.Calls.Where(call => call.Key == ApiKey.Produce).Max(c => c.Version));
        Assert.All(fixture.Cluster.Calls.Where(call => call.Key == ApiKey.EndTxn), call => Assert.Equal(second ? 5 : 4, call.Version));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transaction_without_records_costs_no_request(bool second)
    {
        await using var fixture = new TransactionFixture(second);
        await using (var transaction = await fixture.Producer.BeginTransactionAsync(Token))
            await transaction.CommitAsync(Token);
        await using (var transaction = await fixture.Producer.BeginTransactionAsync(Token))
            await transaction.AbortAsync(Token);

        Assert.Equal(0, fixture.Cluster.Count(ApiKey.EndTxn));
    }

    [Fact]
    public async Task Many_partitions_are_registered_in_few_requests()
    {
        await using var fixture = new TransactionFixture(second: false, partitions: 50);
        await using var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        for (var i = 0; i < 50; i++)
            await transaction.EnqueueAsync(new("t", null, "v") { Partition = i }, cancellationToken: Token);
        await transaction.CommitAsync(Token);

        Assert.InRange(fixture.Cluster.Count(ApiKey.AddPartitionsToTxn), 1, 25);
        Assert.All(fixture.Cluster.Calls.Where(call => call.Key == ApiKey.AddPartitionsToTxn), call => Assert.Equal(3, call.Version));
        Assert.All(fixture.Topic, partition => Assert.Equal(["v"], partition.Committed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Offsets_are_committed_with_the_transaction_or_not_at_all(bool second)
    {
        await using var fixture = new TransactionFixture(second);
        var group = new ConsumerGroupMetadata("g", 3, "m");
        await using (var transaction = await fixture.Producer.BeginTransactionAsync(Token))
        {
            await transaction.SendOffsetsAsync([new("in", 0, 10)], group, Token);
            await transaction.SendOffsetsAsync([new("in", 1, 11)], group, Token);
            Assert.Empty(fixture.Cluster.Transactions.Offsets);
            await transaction.CommitAsync(Token);
        }

        await using (var transaction = await fixture.Producer.BeginTransactionAsync(Token))
            await transaction.SendOffsetsAsync([new("in", 0, 99)], group, Token);

        Assert.Equal(
            new() { [("g", new("in", 0))] = 10, [("g", new("in", 1))] = 11 },
            fixture.Cluster.Transactions.Offsets);
        Assert.Equal(second ? 0 : 2, fixture.Cluster.Count(ApiKey.AddOffsetsToTxn));
        Assert.All(
            fixture.Cluster.Calls.Where(call => call.Key == ApiKey.TxnOffsetCommit),
            call =>
            {
                var request = call.Read<TxnOffsetCommitRequest>();
                Assert.Equal((second ? 5 : 4, "m", 3), (call.Version, request.MemberId, request.GenerationId));
            });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_later_producer_of_the_same_id_fences_an_earlier_one(bool second)
    {
        await using var fixture = new TransactionFixture(second);
        await using var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        await transaction.ProduceAsync(TestTexts.Record("t", "old"), Token);
        await using var other = fixture.NewProducer();
        await using var its = await other.BeginTransactionAsync(Token);
        await its.ProduceAsync(TestTexts.Record("t", "new"), Token);
        await its.CommitAsync(Token);

        var error = await Assert.ThrowsAsync<ProducerFencedException>(() => transaction.CommitAsync(Token).AsTask());
        Assert.True(error.IsFatal);
        Assert.Contains("'p' is fenced", error.Message);
        await transaction.DisposeAsync();
        await Assert.ThrowsAsync<ProducerFencedException>(() => fixture.Producer.BeginTransactionAsync(Token).AsTask());
        await Assert.ThrowsAsync<ProducerFencedException>(() => transaction.AbortAsync(Token).AsTask());
        Assert.Equal(["new"], fixture.Topic[0].Committed);
        Assert.Equal(["old"], fixture.Topic[0].Aborted);
    }

    [Fact]
    public async Task A_transaction_that_the_coordinator_gave_up_shows_when_it_is_aborted()
    {
        await using var fixture = new TransactionFixture(second: false);
        await using var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        await transaction.ProduceAsync(TestTexts.Record("t", "a"), Token);
        fixture.Cluster.Transactions.TimeOut("p");

        await Assert.ThrowsAsync<TransactionAbortableException>(() => transaction.ProduceAsync(TestTexts.Record("t", "b"), Token).AsTask());
        await Assert.ThrowsAsync<ProducerFencedException>(() => transaction.AbortAsync(Token).AsTask());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_record_that_is_refused_dooms_the_transaction_and_the_next_one_goes_well(bool second)
    {
        await using var fixture = new TransactionFixture(second);
        fixture.Cluster.Script = ProduceFaults.Sequence(ProduceFaults.Error(ErrorCode.InvalidRecord));
        await using (var transaction = await fixture.Producer.BeginTransactionAsync(Token))
        {
            var refused = await Assert.ThrowsAsync<BrokerErrorException>(
                () => transaction.ProduceAsync(TestTexts.Record("t", "bad"), Token).AsTask());
            Assert.Equal(ErrorCode.InvalidRecord, refused.Code);
            var error = await Assert.ThrowsAsync<TransactionAbortableException>(() => transaction.CommitAsync(Token).AsTask());
            Assert.Equal(ErrorCode.InvalidRecord, error.Code);
            Assert.True(error.RequiresAbort);
            Assert.Same(error, transaction.Error);
            await Assert.ThrowsAsync<TransactionAbortableException>(
                () => transaction.ProduceAsync(TestTexts.Record("t", "more"), Token).AsTask());
            await transaction.AbortAsync(Token);
        }

        await fixture.CommitAsync("good");
        Assert.Equal(["good"], fixture.Topic[0].Committed);
    }

    [Theory]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber, false)]
    [InlineData(ErrorCode.UnknownProducerId, false)]
    [InlineData(ErrorCode.InvalidProducerEpoch, false)]
    [InlineData(ErrorCode.InvalidTxnState, false)]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber, true)]
    public async Task When_it_is_open_what_was_written_the_next_transaction_has_a_new_epoch(ErrorCode code, bool second)
    {
        await using var fixture = new TransactionFixture(second);
        await fixture.CommitAsync("first");
        var epoch = fixture.Cluster.Transactions.EpochOf("p");
        fixture.Cluster.Script = ProduceFaults.Sequence(ProduceFaults.Error(code));
        await using (var transaction = await fixture.Producer.BeginTransactionAsync(Token))
        {
            await Assert.ThrowsAnyAsync<KafkaException>(() => transaction.ProduceAsync(TestTexts.Record("t", "lost"), Token).AsTask());
            var error = await Assert.ThrowsAsync<TransactionAbortableException>(() => transaction.CommitAsync(Token).AsTask());
            Assert.Equal(code, error.Code);
            await transaction.AbortAsync(Token);
        }

        await fixture.CommitAsync("second");
        Assert.Equal(["first", "second"], fixture.Topic[0].Committed);
        Assert.Equal(second ? epoch + 2 : epoch + 1, fixture.Cluster.Transactions.EpochOf("p"));
        Assert.Equal(second ? 1 : 2, fixture.Cluster.Count(ApiKey.InitProducerId));
    }

    [Fact]
    public async Task Aborting_drops_what_was_not_sent_and_tells_who_waits()
    {
        await using var fixture = new TransactionFixture(second: false);
        var registered = new TaskCompletionSource();
        fixture.Cluster.Script = async call =>
        {
            if (call.Key == ApiKey.AddPartitionsToTxn)
                await registered.Task;
            return null;
        };
        await using var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        var waiting = transaction.ProduceAsync(TestTexts.Record("t", "a"), Token).AsTask();
        await fixture.Cluster.WhenAsync(cluster => cluster.Calls.Any(call => call.Key == ApiKey.AddPartitionsToTxn));

        var aborting = transaction.AbortAsync(Token).AsTask();
        await Assert.ThrowsAsync<TransactionAbortedException>(() => waiting);
        registered.SetResult();
        await aborting;

        Assert.Empty(fixture.Topic[0].Values);
        Assert.Equal(new ProducerOptions().BufferMemory, fixture.Producer.Accumulator.Budget.Available);
        await fixture.CommitAsync("b");
        Assert.Equal(["b"], fixture.Topic[0].Committed);
    }

    [Theory]
    [InlineData(ApiKey.EndTxn, false)]
    [InlineData(ApiKey.EndTxn, true)]
    [InlineData(ApiKey.AddPartitionsToTxn, false)]
    [InlineData(ApiKey.AddOffsetsToTxn, false)]
    [InlineData(ApiKey.TxnOffsetCommit, false)]
    [InlineData(ApiKey.TxnOffsetCommit, true)]
    [InlineData(ApiKey.InitProducerId, true)]
    [InlineData(ApiKey.Produce, true)]
    [InlineData(ApiKey.Produce, false)]
    public async Task A_lost_answer_is_asked_for_again(ApiKey key, bool second)
    {
        await using var fixture = new TransactionFixture(second);
        var lost = 0;
        fixture.Cluster.Script = call =>
        {
            if (call.Key != key || Interlocked.Exchange(ref lost, 1) != 0)
                return default;
            call.Broker.Answer(call);
            return ValueTask.FromResult<FakeReply?>(FakeReply.Disconnect);
        };

        await using (var transaction = await fixture.Producer.BeginTransactionAsync(Token))
        {
            await transaction.ProduceAsync(TestTexts.Record("t", "once"), Token);
            await transaction.SendOffsetsAsync([new("in", 0, 5)], new("g"), Token);
            await transaction.CommitAsync(Token);
        }

        await fixture.CommitAsync("twice");
        Assert.Equal(["once", "twice"], fixture.Topic[0].Committed);
        Assert.Equal(5, fixture.Cluster.Transactions.Offsets[("g", new("in", 0))]);
        Assert.Equal(1, lost);
    }

    [Theory]
    [InlineData(ApiKey.InitProducerId, ErrorCode.ConcurrentTransactions)]
    [InlineData(ApiKey.InitProducerId, ErrorCode.CoordinatorLoadInProgress)]
    [InlineData(ApiKey.AddPartitionsToTxn, ErrorCode.ConcurrentTransactions)]
    [InlineData(ApiKey.AddPartitionsToTxn, ErrorCode.NotCoordinator)]
    [InlineData(ApiKey.AddOffsetsToTxn, ErrorCode.ConcurrentTransactions)]
    [InlineData(ApiKey.TxnOffsetCommit, ErrorCode.CoordinatorNotAvailable)]
    [InlineData(ApiKey.TxnOffsetCommit, ErrorCode.UnknownTopicOrPartition)]
    [InlineData(ApiKey.EndTxn, ErrorCode.NotCoordinator)]
    [InlineData(ApiKey.EndTxn, ErrorCode.ConcurrentTransactions)]
    public async Task An_error_that_passes_is_waited_out(ApiKey key, ErrorCode code)
    {
        await using var fixture = new TransactionFixture(second: false);
        fixture.Refuse(key, code, times: 2);
        await using var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        await transaction.ProduceAsync(TestTexts.Record("t", "v"), Token);
        await transaction.SendOffsetsAsync([new("in", 0, 5)], new("g"), Token);
        await transaction.CommitAsync(Token);

        Assert.Equal(["v"], fixture.Topic[0].Committed);
        var moves = code is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable ? 2 : 0;
        Assert.Equal(2 + moves, fixture.Cluster.Count(ApiKey.FindCoordinator));
    }

    [Theory]
    [InlineData(ApiKey.AddPartitionsToTxn, ErrorCode.TopicAuthorizationFailed, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.AddPartitionsToTxn, ErrorCode.TransactionAbortable, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.AddPartitionsToTxn, ErrorCode.InvalidProducerIdMapping, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.AddPartitionsToTxn, ErrorCode.ProducerFenced, typeof(ProducerFencedException))]
    [InlineData(ApiKey.AddPartitionsToTxn, ErrorCode.InvalidProducerEpoch, typeof(ProducerFencedException))]
    [InlineData(ApiKey.AddPartitionsToTxn, ErrorCode.InvalidTxnState, typeof(TransactionFatalException))]
    [InlineData(ApiKey.AddPartitionsToTxn, ErrorCode.TransactionalIdAuthorizationFailed, typeof(TransactionFatalException))]
    [InlineData(ApiKey.Produce, ErrorCode.TopicAuthorizationFailed, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.Produce, ErrorCode.TransactionAbortable, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.Produce, ErrorCode.InvalidTxnState, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.Produce, ErrorCode.ProducerFenced, typeof(ProducerFencedException))]
    [InlineData(ApiKey.Produce, ErrorCode.TransactionalIdAuthorizationFailed, typeof(TransactionFatalException))]
    [InlineData(ApiKey.AddOffsetsToTxn, ErrorCode.GroupAuthorizationFailed, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.AddOffsetsToTxn, ErrorCode.ProducerFenced, typeof(ProducerFencedException))]
    [InlineData(ApiKey.TxnOffsetCommit, ErrorCode.IllegalGeneration, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.TxnOffsetCommit, ErrorCode.UnknownMemberId, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.TxnOffsetCommit, ErrorCode.FencedInstanceId, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.TxnOffsetCommit, ErrorCode.InvalidProducerEpoch, typeof(ProducerFencedException))]
    [InlineData(ApiKey.TxnOffsetCommit, ErrorCode.TransactionalIdAuthorizationFailed, typeof(TransactionFatalException))]
    [InlineData(ApiKey.EndTxn, ErrorCode.TransactionAbortable, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.EndTxn, ErrorCode.InvalidProducerIdMapping, typeof(TransactionAbortableException))]
    [InlineData(ApiKey.EndTxn, ErrorCode.InvalidProducerEpoch, typeof(ProducerFencedException))]
    [InlineData(ApiKey.EndTxn, ErrorCode.InvalidTxnState, typeof(TransactionFatalException))]
    public async Task Every_error_says_by_its_type_what_to_do(ApiKey key, ErrorCode code, Type type)
    {
        await using var fixture = new TransactionFixture(second: false);
        fixture.Refuse(key, code, times: 1);
        var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        var error = await Assert.ThrowsAnyAsync<TransactionException>(async () =>
        {
            await transaction.EnqueueAsync(TestTexts.Record("t", "v"), cancellationToken: Token);
            await transaction.SendOffsetsAsync([new("in", 0, 5)], new("g"), Token);
            await transaction.CommitAsync(Token);
        });

        Assert.IsType(type, error);
        Assert.Equal(code, error.Code);
        Assert.Equal(error.IsFatal, !error.RequiresAbort);
        Assert.Contains(code.KafkaName(), error.Message);
        Assert.Contains(error.RequiresAbort ? "abort it" : "ispose", error.Message);
        if (error.RequiresAbort)
        {
            await transaction.AbortAsync(Token);
            await fixture.CommitAsync("again");
            Assert.Equal(["again"], fixture.Topic[0].Committed);
        }
        else
        {
            await transaction.DisposeAsync();
            Assert.Same(
                error, await Assert.ThrowsAnyAsync<TransactionException>(() => fixture.Producer.BeginTransactionAsync(Token).AsTask()));
        }
    }

    [Theory]
    [InlineData(ErrorCode.InvalidTransactionTimeout, typeof(TransactionFatalException))]
    [InlineData(ErrorCode.TransactionalIdAuthorizationFailed, typeof(TransactionFatalException))]
    [InlineData(ErrorCode.ProducerFenced, typeof(ProducerFencedException))]
    public async Task A_producer_that_gets_no_id_says_why(ErrorCode code, Type type)
    {
        await using var fixture = new TransactionFixture(second: false);
        fixture.Refuse(ApiKey.InitProducerId, code, times: 1);

        var error = await Assert.ThrowsAnyAsync<TransactionException>(() => fixture.Producer.BeginTransactionAsync(Token).AsTask());
        Assert.IsType(type, error);
        Assert.Equal(code, error.Code);
    }
}
