using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Consuming;

public sealed class PositionTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    [Fact]
    public async Task Earliest_starts_at_the_first_record_that_is_there()
    {
        await using var fixture = New("a", "b", "c");
        fixture.Cluster.Log.DeleteBefore("t", 0, 1);
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        Assert.Equal(["b"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task Latest_starts_behind_the_last_record()
    {
        await using var fixture = New("old");
        var consumer = fixture.Consumer(ConsumerFixture.Options with { AutoOffsetReset = AutoOffsetReset.Latest });
        consumer.Assign(Partition);
        Assert.Null(await consumer.FetchAsync(TimeSpan.Zero, ConsumerFixture.Token));
        await ConsumerFixture.UntilAsync(() => consumer.Position(Partition) == 1);

        fixture.Cluster.Log.Append("t", 0, "new");

        Assert.Equal(["new"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task None_fails_until_somebody_seeks()
    {
        await using var fixture = New("a", "b");
        var consumer = fixture.Consumer(ConsumerFixture.Options with { AutoOffsetReset = AutoOffsetReset.None });
        consumer.Assign(Partition);

        for (var attempt = 0; attempt < 2; attempt++)
            Assert.Equal(Partition,
                (await Assert.ThrowsAsync<NoOffsetException>(() => ConsumerFixture.TakeAsync(consumer, 1))).TopicPartition);
        consumer.Seek(new TopicPartitionOffset(Partition, 1));
        Assert.Equal(["b"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task An_offset_out_of_range_is_reset()
    {
        await using var fixture = New("a", "b", "c");
        fixture.Cluster.Log.DeleteBefore("t", 0, 2);
        var consumer = fixture.Consumer();
        consumer.Assign(new TopicPartitionOffset(Partition, 0));

        Assert.Equal(["c"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task Seeking_drops_what_was_fetched_ahead()
    {
        await using var fixture = New("a", "b", "c", "d");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        var seen = new List<string?>();
        await foreach (var record in consumer.ConsumeAsync(ConsumerFixture.Token))
        {
            seen.Add(record.Value);
            if (seen.Count == 2)
                consumer.Seek(new TopicPartitionOffset(Partition, 0));
            if (seen.Count == 4)
                consumer.SeekToEnd(Partition);
            if (seen.Count == 4)
                break;
        }

        Assert.Equal(["a", "b", "a", "b"], seen);
        Assert.Null(await consumer.FetchAsync(TimeSpan.FromMilliseconds(50), ConsumerFixture.Token));
        consumer.SeekToBeginning(Partition);
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        consumer.SeekToTimestamp(DateTimeOffset.FromUnixTimeMilliseconds(1_002), Partition);
        Assert.Equal(["c"], await ConsumerFixture.TakeAsync(consumer, 1));
        consumer.SeekToTimestamp(DateTimeOffset.FromUnixTimeMilliseconds(9_000), Partition);
        await ConsumerFixture.UntilAsync(() => consumer.Position(Partition) == 4);
        fixture.Cluster.Log.Append("t", 0, "e");
        Assert.Equal("e", (await ConsumerFixture.TakeAsync(consumer, 1))[0]);
    }

    [Fact]
    public async Task A_paused_partition_rests_while_others_go_on()
    {
        await using var fixture = New("a0", "a1");
        fixture.Cluster.Log.Create("u");
        fixture.Cluster.Log.Append("u", 0, "b0");
        var other = new TopicPartition("u", 0);
        var consumer = fixture.Consumer();
        consumer.Assign(Partition, other);
        consumer.Pause(Partition);

        Assert.Equal(["b0"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.Equal([Partition], consumer.Paused);
        Assert.Null(await consumer.FetchAsync(TimeSpan.FromMilliseconds(60), ConsumerFixture.Token));
        consumer.Resume(Partition);
        Assert.Equal(["a0", "a1"], await ConsumerFixture.TakeAsync(consumer, 2));
    }

    [Fact]
    public async Task Pausing_in_the_middle_of_a_batch_keeps_the_rest_for_later()
    {
        await using var fixture = New("a", "b", "c");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        consumer.Pause(Partition);
        Assert.Null(await consumer.FetchAsync(TimeSpan.FromMilliseconds(60), ConsumerFixture.Token));

        consumer.Resume(Partition);

        Assert.Equal(["b", "c"], await ConsumerFixture.TakeAsync(consumer, 2));
    }

    [Fact]
    public async Task A_new_assignment_replaces_the_old_one_with_all_that_was_fetched()
    {
        await using var fixture = New("a", "b");
        fixture.Cluster.Log.Create("u");
        fixture.Cluster.Log.Append("u", 0, "x");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));

        consumer.Assign(new TopicPartition("u", 0));

        Assert.Equal(["x"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.Null(await consumer.FetchAsync(TimeSpan.FromMilliseconds(50), ConsumerFixture.Token));
        Assert.Equal([new TopicPartition("u", 0)], consumer.Assignment);
    }

    [Fact]
    public async Task What_is_not_assigned_cannot_be_moved()
    {
        await using var fixture = New("a");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        Assert.Throws<InvalidOperationException>(() => consumer.Seek(new TopicPartitionOffset("t", 9, 0)));
        Assert.Throws<InvalidOperationException>(() => consumer.Subscribe("t"));
        Assert.Null(consumer.Position(new TopicPartition("t", 9)));
        Assert.False(consumer.StoreOffset(new TopicPartitionOffset("t", 9, 0)));
    }

    [Fact]
    public async Task Offsets_are_told_without_touching_positions()
    {
        await using var fixture = New("a", "b", "c");
        fixture.Cluster.Log.DeleteBefore("t", 0, 1);
        fixture.Cluster.Once<ListOffsetsRequest, ListOffsetsResponse>((_, _, request) => new ListOffsetsResponse
        {
            Topics = [new ListOffsetsResponse.ListOffsetsTopicResponse
            {
                Name = "t",
                Partitions = [new ListOffsetsResponse.ListOffsetsPartitionResponse { ErrorCode = (short)ErrorCode.NotLeaderOrFollower }],
            }],
        });
        var consumer = fixture.Consumer();

        Assert.Equal(1, (await consumer.BeginningOffsetsAsync([Partition], ConsumerFixture.Token))[Partition]);
        Assert.Equal(3, (await consumer.EndOffsetsAsync([Partition], ConsumerFixture.Token))[Partition]);
        var times = await consumer.OffsetsForTimesAsync(
            new Dictionary<TopicPartition, DateTimeOffset> { [Partition] = DateTimeOffset.FromUnixTimeMilliseconds(1_002) },
                ConsumerFixture.Token);
        Assert.Equal(new OffsetAndTimestamp(2, DateTimeOffset.FromUnixTimeMilliseconds(1_002)), times[Partition]);
        Assert.Empty(await consumer.OffsetsForTimesAsync(
            new Dictionary<TopicPartition, DateTimeOffset> { [Partition] = DateTimeOffset.FromUnixTimeMilliseconds(5_000) },
                ConsumerFixture.Token));
    }

    private static ConsumerFixture New(params string?[] values)
    {
        var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, values);
        return fixture;
    }
}
