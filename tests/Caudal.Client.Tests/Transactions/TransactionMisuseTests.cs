using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Transactions;

/// <summary>What is not allowed, and what is cut short.</summary>
public sealed class TransactionMisuseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Producing_outside_of_a_transaction_is_refused_with_the_remedy()
    {
        await using var fixture = new TransactionFixture(second: true);
        var error = Assert.Throws<InvalidOperationException>(() => fixture.Producer.TryEnqueue(TestTexts.Record("t", "v")));
        Assert.Contains("BeginTransactionAsync", error.Message);
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await fixture.Producer.ProduceAsync(TestTexts.Record("t", "v"), Token));
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await fixture.Producer.EnqueueAsync(TestTexts.Record("t", "v"), null, Token));
    }

    [Fact]
    public async Task A_producer_without_an_id_has_no_transactions()
    {
        await using var cluster = new FakeCluster();
        await using var client = new KafkaClient(cluster.ClientOptions);
        await using var producer = client.CreateProducer(TestTexts.Options());
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => producer.BeginTransactionAsync(Token).AsTask());
        Assert.Contains("transactional.id", error.Message);
    }

    [Fact]
    public void Options_that_do_not_fit_transactions_are_named()
    {
        Assert.Contains(
            "transactional.id needs enable.idempotence",
            Assert.Single(new ProducerOptions { TransactionalId = "p", Acks = Acks.Leader }.Validate()));
        Assert.Contains("transactional.id is empty", Assert.Single(new ProducerOptions { TransactionalId = "" }.Validate()));
        Assert.Contains("transaction.timeout.ms", Assert.Single(new ProducerOptions { TransactionTimeout = TimeSpan.Zero }.Validate()));
        var read = ProducerOptions.FromProperties([new("transactional.id", "p"), new("transaction.timeout.ms", "1500")]);
        Assert.Equal(("p", TimeSpan.FromSeconds(1.5)), (read.TransactionalId, read.TransactionTimeout));
    }

    [Fact]
    public async Task One_transaction_is_open_at_a_time()
    {
        await using var fixture = new TransactionFixture(second: true);
        await using var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Producer.BeginTransactionAsync(Token).AsTask());
        Assert.Contains("commit or abort it first", error.Message);
    }

    [Fact]
    public async Task An_ended_transaction_takes_nothing_more()
    {
        await using var fixture = new TransactionFixture(second: true);
        var committed = await fixture.Producer.BeginTransactionAsync(Token);
        await committed.CommitAsync(Token);
        var aborted = await fixture.Producer.BeginTransactionAsync(Token);
        await aborted.AbortAsync(Token);
        await aborted.AbortAsync(Token);
        await using var open = await fixture.Producer.BeginTransactionAsync(Token);

        Assert.Contains("was committed", Assert.Throws<InvalidOperationException>(() => committed.TryEnqueue(new("t", null, "v"))).Message);
        Assert.Contains("was aborted", Assert.Throws<InvalidOperationException>(() => aborted.TryEnqueue(new("t", null, "v"))).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => committed.CommitAsync(Token).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => committed.AbortAsync(Token).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => aborted.CommitAsync(Token).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => aborted.SendOffsetsAsync([new("in", 0, 1)], new("g"), Token).AsTask());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_that_was_cut_short_is_found_out_by_asking_again(bool second)
    {
        await using var fixture = new TransactionFixture(second);
        using var impatient = new CancellationTokenSource();
        var silent = 1;
        fixture.Cluster.Script = call =>
        {
            if (call.Key != ApiKey.EndTxn || Interlocked.Exchange(ref silent, 0) == 0)
                return default;
            call.Broker.Answer(call);
            impatient.Cancel();
            return ValueTask.FromResult<FakeReply?>(FakeReply.Disconnect);
        };
        await using var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        await transaction.ProduceAsync(TestTexts.Record("t", "v"), Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transaction.CommitAsync(impatient.Token).AsTask());
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.AbortAsync(Token).AsTask());
        Assert.Contains("call CommitAsync again", error.Message);
        Assert.Throws<InvalidOperationException>(() => transaction.TryEnqueue(new("t", null, "more")));
        await transaction.CommitAsync(Token);

        await fixture.CommitAsync("next");
        Assert.Equal(["v", "next"], fixture.Topic[0].Committed);
    }

    [Fact]
    public async Task Disposing_finishes_a_commit_that_was_cut_short()
    {
        await using var fixture = new TransactionFixture(second: true);
        using var impatient = new CancellationTokenSource();
        fixture.Cluster.Script = call =>
        {
            if (call.Key == ApiKey.EndTxn && !impatient.IsCancellationRequested)
            {
                impatient.Cancel();
                return ValueTask.FromResult<FakeReply?>(FakeReply.Disconnect);
            }

            return default;
        };
        await using (var transaction = await fixture.Producer.BeginTransactionAsync(Token))
        {
            await transaction.ProduceAsync(TestTexts.Record("t", "v"), Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transaction.CommitAsync(impatient.Token).AsTask());
        }

        Assert.Equal(["v"], fixture.Topic[0].Committed);
    }

    [Fact]
    public async Task An_abort_that_was_cut_short_is_finished_by_the_next_transaction()
    {
        await using var fixture = new TransactionFixture(second: false);
        using var impatient = new CancellationTokenSource();
        fixture.Cluster.Script = call =>
        {
            if (call.Key != ApiKey.EndTxn || impatient.IsCancellationRequested)
                return default;
            impatient.Cancel();
            return ValueTask.FromResult<FakeReply?>(
                new FakeReply(new EndTxnResponse { ErrorCode = (short)ErrorCode.CoordinatorLoadInProgress }));
        };
        var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        await transaction.ProduceAsync(TestTexts.Record("t", "a"), Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transaction.AbortAsync(impatient.Token).AsTask());

        await fixture.CommitAsync("b");
        Assert.Equal(["b"], fixture.Topic[0].Committed);
        Assert.Equal(["a"], fixture.Topic[0].Aborted);
    }

    [Fact]
    public async Task Closing_the_producer_aborts_what_is_open()
    {
        await using var fixture = new TransactionFixture(second: true);
        var transaction = await fixture.Producer.BeginTransactionAsync(Token);
        await transaction.ProduceAsync(TestTexts.Record("t", "a"), Token);
        await fixture.Producer.CloseAsync(Token);

        Assert.Equal(["a"], fixture.Topic[0].Aborted);
        await Assert.ThrowsAnyAsync<Exception>(() => transaction.CommitAsync(Token).AsTask());
        await Assert.ThrowsAsync<ClientClosedException>(() => fixture.Producer.BeginTransactionAsync(Token).AsTask());
    }

    [Fact]
    public async Task A_record_that_is_not_delivered_in_time_dooms_its_transaction()
    {
        await using var fixture = new TransactionFixture(
            second: false, options: new() { DeliveryTimeout = TimeSpan.FromMilliseconds(300), Linger = TimeSpan.Zero });
        var lose = true;
        fixture.Cluster.Script = call => ValueTask.FromResult(
            call.Key == ApiKey.Produce && Volatile.Read(ref lose) ? FakeReply.Disconnect : null);
        await using (var transaction = await fixture.Producer.BeginTransactionAsync(Token))
        {
            await Assert.ThrowsAsync<KafkaTimeoutException>(() => transaction.ProduceAsync(TestTexts.Record("t", "a"), Token).AsTask());
            var error = await Assert.ThrowsAsync<TransactionAbortableException>(() => transaction.CommitAsync(Token).AsTask());
            Assert.Contains("delivery.timeout.ms", error.Message);
            Volatile.Write(ref lose, false);
            await transaction.AbortAsync(Token);
        }

        // If it was sent it may have been written, so the next one has a new epoch.
        var (before, wasSent) = (fixture.Cluster.Count(ApiKey.InitProducerId), fixture.Cluster.Count(ApiKey.Produce) > 0);
        await using var next = await fixture.Producer.BeginTransactionAsync(Token);
        Assert.Equal(before + (wasSent ? 1 : 0), fixture.Cluster.Count(ApiKey.InitProducerId));
    }
}
