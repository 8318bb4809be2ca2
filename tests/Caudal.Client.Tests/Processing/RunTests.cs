using System.Collections.Concurrent;
using Caudal.Client.Tests.Consuming;
using Caudal.Protocol;

namespace Caudal.Client.Tests.Processing;

/// <summary><c>RunAsync</c> over a scripted cluster.</summary>
public sealed class RunTests
{
    private static readonly TopicPartition First = new("t", 0);

    [Fact]
    public async Task Partitions_are_handled_in_parallel_and_each_in_order()
    {
        await using var fixture = New(partitions: 4, records: 25);
        var consumer = fixture.Member();
        var seen = new ConcurrentDictionary<TopicPartition, ConcurrentQueue<long>>();
        var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (arrived, count) = (0, new AsyncCounter());
        using var stop = new CancellationTokenSource();
        var running = consumer.RunAsync(
            async (record, token) =>
            {
                // The first of each partition waits for the others: they do run at the same time.
                if (record.Offset == 0 && Interlocked.Increment(ref arrived) == 4)
                    together.SetResult();
                await together.Task.WaitAsync(token);
                seen.GetOrAdd(record.TopicPartition, _ => new ConcurrentQueue<long>()).Enqueue(record.Offset);
                count.Increment();
            },
            null,
            stop.Token);
        await count.ReachAsync(100, ConsumerFixture.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.All(seen.Values, offsets => Assert.Equal(Enumerable.Range(0, 25).Select(i => (long)i), offsets));
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(25, fixture.Cluster.Group.Committed[new TopicPartition("t", i)]));
    }

    [Fact]
    public async Task What_is_done_behind_a_gap_is_not_committed()
    {
        await using var fixture = New(partitions: 1, records: 5);
        var consumer = fixture.Member();
        var others = new AsyncCounter();
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        var running = consumer.RunAsync(
            async (record, token) =>
            {
                if (record.Offset == 2)
                    await blocked.Task.WaitAsync(token);
                others.Increment();
            },
            new ProcessingOptions { Ordering = ProcessingOrder.None },
            stop.Token);
        await others.ReachAsync(4, ConsumerFixture.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal(2, fixture.Cluster.Group.Committed[First]);
        // Whoever asks next gets what is not done, and what was done behind it, again.
        Assert.Equal(["0.2", "0.3", "0.4"], await ConsumerFixture.TakeAsync(consumer, 3));
    }

    [Fact]
    public async Task An_error_stops_and_names_the_record_which_comes_again()
    {
        await using var fixture = New(partitions: 1, records: 5);
        var consumer = fixture.Member();

        var error = await Assert.ThrowsAsync<ProcessingException>(() => consumer.RunAsync(
            (record, _) => record.Offset == 3 ? throw new InvalidOperationException("no") : ValueTask.CompletedTask,
            cancellationToken: ConsumerFixture.Token));

        Assert.Equal(new TopicPartitionOffset(First, 3), error.Record);
        Assert.IsType<InvalidOperationException>(error.InnerException);
        Assert.Equal(3, fixture.Cluster.Group.Committed[First]);
        Assert.Equal(["0.3"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task An_error_that_is_skipped_counts_as_done()
    {
        await using var fixture = New(partitions: 1, records: 5);
        await using var consumer = fixture.Client.CreateConsumer(
            new ConsumerOptions<string?, long>(ConsumerFixture.Options with { GroupId = "g" }, Serdes.Utf8, Serdes.Int64));
        consumer.Subscribe("t");
        var errors = new ConcurrentQueue<ProcessingError>();
        var count = new AsyncCounter();
        using var stop = new CancellationTokenSource();
        var running = consumer.RunAsync(
            (_, _) => throw new InvalidOperationException("The values are no numbers."),
            new ProcessingOptions
            {
                OnError = (error, _) =>
                {
                    errors.Enqueue(error);
                    count.Increment();
                    return ValueTask.FromResult(ProcessingErrorAction.Skip);
                },
            },
            stop.Token);
        await count.ReachAsync(5, ConsumerFixture.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal([0, 1, 2, 3, 4], errors.Select(e => e.Record.Offset));
        Assert.All(errors, e => Assert.Equal($"0.{e.Record.Offset}",
            System.Text.Encoding.UTF8.GetString(Assert.IsType<RecordDeserializationException>(e.Error).RawValue!.Value.Span)));
        Assert.Equal(5, fixture.Cluster.Group.Committed[First]);
    }

    [Fact]
    public async Task A_rebalance_waits_for_what_is_running_and_commits_it()
    {
        await using var fixture = New(partitions: 1, records: 5);
        var consumer = fixture.Member();
        var (begun, release) = (new AsyncCounter(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var handled = new ConcurrentQueue<long>();
        var count = new AsyncCounter();
        using var stop = new CancellationTokenSource();
        var running = consumer.RunAsync(
            async (record, token) =>
            {
                begun.Increment();
                await release.Task.WaitAsync(token);
                handled.Enqueue(record.Offset);
                count.Increment();
            },
            null,
            stop.Token);
        await begun.ReachAsync(1, ConsumerFixture.Token);
        var joins = fixture.Cluster.Group.Joins.Count;
        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.RebalanceInProgress);
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.Beats.IsEmpty);
        var beats = fixture.Cluster.Group.BeatCount;
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.BeatCount > beats + 3);
        Assert.Equal(joins, fixture.Cluster.Group.Joins.Count);

        release.SetResult();
        await count.ReachAsync(5, ConsumerFixture.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        // What had not begun was dropped, and came again behind what was committed: each exactly once, in order.
        Assert.Equal([0, 1, 2, 3, 4], handled);
        Assert.Equal(joins + 1, fixture.Cluster.Group.Joins.Count);
        Assert.Equal(1, fixture.Cluster.Group.Commits.First().Topics[0].Partitions[0].CommittedOffset);
        Assert.Equal(5, fixture.Cluster.Group.Committed[First]);
    }

    [Fact]
    public async Task A_handler_that_is_stuck_loses_its_partitions_and_is_cancelled()
    {
        await using var fixture = New(partitions: 1, records: 1);
        var consumer = fixture.Member(ConsumerFixture.Options with { MaxPollInterval = TimeSpan.FromMilliseconds(50) });
        var cancelled = new AsyncCounter();
        var done = new AsyncCounter();
        using var stop = new CancellationTokenSource();
        var running = consumer.RunAsync(
            async (_, token) =>
            {
                if (cancelled.Count == 0)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    cancelled.Increment();
                    token.ThrowIfCancellationRequested();
                }

                done.Increment();
            },
            null,
            stop.Token);

        await cancelled.ReachAsync(1, ConsumerFixture.Token);
        // It joins again, and the record comes again.
        await done.ReachAsync(1, ConsumerFixture.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.NotEmpty(fixture.Cluster.Group.Left);
    }

    [Fact]
    public async Task Closing_waits_for_what_is_running_and_commits_it()
    {
        await using var fixture = New(partitions: 1, records: 3);
        var consumer = fixture.Member();
        var (begun, release) = (new AsyncCounter(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var running = consumer.RunAsync(
            async (_, _) =>
            {
                begun.Increment();
                await release.Task;
            },
            cancellationToken: ConsumerFixture.Token);
        await begun.ReachAsync(1, ConsumerFixture.Token);

        var closing = consumer.CloseAsync(ConsumerFixture.Token).AsTask();
        Assert.False(closing.IsCompleted);
        release.SetResult();
        await closing;

        await Assert.ThrowsAsync<ClientClosedException>(() => running);
        // However many had begun by then: all of them were awaited, and no more began.
        Assert.Equal(begun.Count, fixture.Cluster.Group.Committed[First]);
    }

    [Fact]
    public async Task Only_one_run_at_a_time_is_possible()
    {
        await using var fixture = New(partitions: 1, records: 1);
        var consumer = fixture.Member();
        var begun = new AsyncCounter();
        using var stop = new CancellationTokenSource();
        var running = consumer.RunAsync((_, _) => { begun.Increment(); return ValueTask.CompletedTask; }, null, stop.Token);
        await begun.ReachAsync(1, ConsumerFixture.Token);

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => consumer.RunAsync((_, _) => ValueTask.CompletedTask, null, ConsumerFixture.Token));
        var faults = await Assert.ThrowsAsync<ArgumentException>(
            () => consumer.RunAsync(
                (_, _) => ValueTask.CompletedTask, new ProcessingOptions { MaxConcurrency = 0 }, ConsumerFixture.Token));
        Assert.Contains("MaxConcurrency", faults.Message, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Theory]
    [InlineData(ProcessingOrder.Partition)]
    [InlineData(ProcessingOrder.Key)]
    [InlineData(ProcessingOrder.None)]
    public async Task Nothing_is_committed_that_was_not_handled_whatever_happens(ProcessingOrder order)
    {
        await using var fixture = New(partitions: 3, records: 60);
        var random = new Random(11);
        var done = new ConcurrentDictionary<TopicPartitionOffset, int>();
        var fixtureGroup = fixture.Cluster.Group;
        var consumer = fixture.Member(ConsumerFixture.Options with { AutoCommitInterval = TimeSpan.FromMilliseconds(3) });
        var reached = new AsyncCounter();
        using var stop = new CancellationTokenSource();
        var running = consumer.RunAsync(
            async (record, token) =>
            {
                var yields = Random.Shared.Next(30);
                for (var i = 0; i < yields; i++)
                    await Task.Yield();
                if (done.AddOrUpdate(new TopicPartitionOffset(record.TopicPartition, record.Offset), 1, (_, n) => n + 1) == 1)
                    reached.Increment();
            },
            new ProcessingOptions { Ordering = order, MaxConcurrency = 8, MaxPending = 30 },
            stop.Token);
        for (var i = 1; i <= 6; i++)
        {
            await reached.ReachAsync(i * 25, ConsumerFixture.Token);
            fixtureGroup.Beats.Enqueue(random.Next(3) == 0 ? ErrorCode.IllegalGeneration : ErrorCode.RebalanceInProgress);
            Check();
        }

        await reached.ReachAsync(180, ConsumerFixture.Token);
        Check();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Check();

        void Check()
        {
            foreach (var (partition, offset) in fixtureGroup.Committed)
            {
                for (var i = 0L; i < offset; i++)
                    Assert.True(done.ContainsKey(new TopicPartitionOffset(partition, i)), $"{partition}@{i} was committed and not handled");
            }
        }
    }

    private static ConsumerFixture New(int partitions, int records)
    {
        var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t", partitions);
        for (var partition = 0; partition < partitions; partition++)
        {
            for (var i = 0; i < records; i += 5)
            {
                var values = Enumerable.Range(i, Math.Min(5, records - i)).Select(n => $"{partition}.{n}");
                fixture.Cluster.Log.Append("t", partition, [.. values]);
            }
        }

        return fixture;
    }
}
