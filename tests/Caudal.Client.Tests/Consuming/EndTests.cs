using Caudal.Protocol.Records;

namespace Caudal.Client.Tests.Consuming;

/// <summary>Ends of partitions, bounded reads, starts by age, fetches that do not wait for each other.</summary>
public sealed class EndTests
{
    private static readonly TopicPartition First = new("t", 0);
    private static readonly TopicPartition Second = new("t", 1);

    [Fact]
    public async Task The_end_of_a_partition_is_told_once_each_time_it_is_reached()
    {
        await using var fixture = New();
        var ends = new List<TopicPartitionOffset>();
        var told = new AsyncCounter();
        var consumer = fixture.Consumer(ConsumerFixture.Options with
        {
            PartitionEndReached = end =>
            {
                ends.Add(end);
                told.Increment();
            },
        });
        consumer.Assign(First);
        fixture.Cluster.Log.Append("t", 0, "a", "b");
        Assert.Equal(["a", "b"], await ConsumerFixture.TakeAsync(consumer, 2));
        Assert.Empty(ends);

        var waiting = ConsumerFixture.TakeAsync(consumer, 1);
        await told.ReachAsync(1, ConsumerFixture.Token);
        fixture.Cluster.Log.Append("t", 0, "c");
        Assert.Equal(["c"], await waiting);
        waiting = ConsumerFixture.TakeAsync(consumer, 1);
        await told.ReachAsync(2, ConsumerFixture.Token);
        fixture.Cluster.Log.Append("t", 0, "d");
        await waiting;

        Assert.Equal([new TopicPartitionOffset(First, 2), new TopicPartitionOffset(First, 3)], ends);
    }

    [Fact]
    public async Task A_bounded_read_ends_where_the_partitions_ended_at_the_start()
    {
        await using var fixture = New();
        var consumer = fixture.Consumer();
        consumer.Assign(First, Second);
        fixture.Cluster.Log.Append("t", 0, "a", "b", "c");
        fixture.Cluster.Log.Append("t", 1, "x");
        var seen = new List<string?>();

        await foreach (var record in consumer.ConsumeToEndAsync(ConsumerFixture.Token))
        {
            seen.Add(record.Value);
            fixture.Cluster.Log.Append("t", 0, $"later{seen.Count}");
        }

        Assert.Equal(["a", "b", "c", "x"], seen.Order());
        Assert.Equal(["later1", "later2", "later3", "later4"], await ConsumerFixture.TakeAsync(consumer, 4));
    }

    [Fact]
    public async Task A_bounded_read_stops_in_the_middle_of_a_batch_and_leaves_the_rest()
    {
        await using var fixture = New();
        var consumer = fixture.Consumer();
        consumer.Assign(First);
        fixture.Cluster.Log.Append("t", 0, "a", "b");
        // The end is asked for before the batch grows behind the consumer's back: three records come in one batch, two count.
        fixture.Cluster.Once<Protocol.Messages.ListOffsetsRequest, Protocol.Messages.ListOffsetsResponse>((_, _, request) =>
            request.Topics[0].Partitions[0].Timestamp != -1 ? null : new Protocol.Messages.ListOffsetsResponse
            {
                Topics = [new Protocol.Messages.ListOffsetsResponse.ListOffsetsTopicResponse
                {
                    Name = "t",
                    Partitions = [new Protocol.Messages.ListOffsetsResponse.ListOffsetsPartitionResponse { Offset = 1 }],
                }],
            });
        var seen = new List<string?>();
        await foreach (var record in consumer.ConsumeToEndAsync(ConsumerFixture.Token))
            seen.Add(record.Value);

        Assert.Equal(["a"], seen);
        Assert.Equal(["b"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task A_bounded_read_of_nothing_ends_at_once()
    {
        await using var fixture = New();
        var consumer = fixture.Member();

        await foreach (var record in consumer.ConsumeToEndAsync(ConsumerFixture.Token))
            Assert.Fail($"{record.Value} was never written.");

        Assert.Equal([First, Second], consumer.Assignment);
    }

    [Fact]
    public async Task A_start_by_age_skips_what_is_older()
    {
        await using var fixture = New();
        var now = DateTimeOffset.UnixEpoch + TimeSpan.FromMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        using var writer = new RecordBatchWriter();
        foreach (var (minutes, value) in new[] { (120, "old"), (30, "young"), (1, "younger") })
        {
            var time = (now - TimeSpan.FromMinutes(minutes)).ToUnixTimeMilliseconds();
            writer.TryAppend(time, [], true, System.Text.Encoding.UTF8.GetBytes(value), false, [], int.MaxValue);
        }

        fixture.Cluster.Log.AppendRaw("t", 0, Batches.Finish(writer, 0));
        var consumer = fixture.Consumer(ConsumerFixture.Options with
        {
            AutoOffsetReset = AutoOffsetReset.ByDuration,
            AutoOffsetResetAge = TimeSpan.FromHours(1),
        });
        consumer.Assign(First);

        Assert.Equal(["young", "younger"], await ConsumerFixture.TakeAsync(consumer, 2));
    }

    [Fact]
    public async Task A_seek_does_not_wait_for_the_fetch_that_waits_at_the_broker()
    {
        await using var fixture = New();
        fixture.Cluster.Log.Append("t", 0, "a");
        var consumer = fixture.Consumer(ConsumerFixture.Options with { FetchMaxWait = TimeSpan.FromMinutes(1) });
        consumer.Assign(First, Second);
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));

        for (var i = 0; i < 3; i++)
        {
            consumer.Seek(new TopicPartitionOffset(First, 0));
            // Both links may be waiting at the broker by now; a record for the other partition ends that.
            if (i > 0)
                fixture.Cluster.Log.Append("t", 1, "x");
            Assert.Contains("a", await ConsumerFixture.TakeAsync(consumer, i > 0 ? 2 : 1));
        }
    }

    [Fact]
    public async Task The_lag_is_what_is_left_to_read()
    {
        await using var fixture = New();
        fixture.Cluster.Log.Append("t", 0, "a", "b", "c");
        var consumer = fixture.Consumer();
        consumer.Assign(First);
        Assert.Null(consumer.Lag(First));

        await ConsumerFixture.TakeAsync(consumer, 1);

        Assert.Equal(2, consumer.Lag(First));
        Assert.Null(consumer.Lag(Second));
    }

    private static ConsumerFixture New()
    {
        var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t", 2);
        return fixture;
    }
}
