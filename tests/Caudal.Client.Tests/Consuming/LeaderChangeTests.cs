using Caudal.Protocol;

namespace Caudal.Client.Tests.Consuming;

/// <summary>Leaders that name each other, and leaders that lack what was read.</summary>
public sealed class LeaderChangeTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    [Fact]
    public async Task A_leader_that_is_named_in_passing_spares_asking()
    {
        await using var fixture = New(nodes: 2);
        fixture.Cluster.Log.HintsAtLeaders = true;
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        Assert.Equal(["a", "b", "c"], await ConsumerFixture.TakeAsync(consumer, 3));
        var asked = fixture.Cluster.Count(ApiKey.Metadata);

        for (var i = 0; i < 4; i++)
        {
            fixture.Cluster.Log.MoveLeader("t", 0, (i + 1) % 2);
            fixture.Cluster.Log.Append("t", 0, $"{i}");
            Assert.Equal([$"{i}"], await ConsumerFixture.TakeAsync(consumer, 1));
        }

        Assert.Equal(asked, fixture.Cluster.Count(ApiKey.Metadata));
    }

    [Fact]
    public async Task What_a_new_leader_lacks_is_noticed_and_reading_goes_on_at_its_end()
    {
        await using var fixture = New(nodes: 1);
        fixture.Cluster.Log.KnowEpochs();
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        Assert.Equal(["a", "b", "c"], await ConsumerFixture.TakeAsync(consumer, 3));

        fixture.Cluster.Log.Truncate("t", 0, 1);
        fixture.Cluster.Log.Append("t", 0, "B", "C", "D");

        Assert.Equal(["B", "C", "D"], await ConsumerFixture.TakeAsync(consumer, 3));
    }

    [Fact]
    public async Task A_new_leader_that_has_everything_changes_nothing()
    {
        await using var fixture = New(nodes: 2);
        fixture.Cluster.Log.KnowEpochs();
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));

        fixture.Cluster.Log.MoveLeader("t", 0, 1);
        fixture.Cluster.Log.Append("t", 0, "d");

        Assert.Equal(["b", "c", "d"], await ConsumerFixture.TakeAsync(consumer, 3));
    }

    [Fact]
    public async Task Without_a_policy_a_cut_off_log_is_an_error_until_somebody_seeks()
    {
        await using var fixture = New(nodes: 1);
        fixture.Cluster.Log.KnowEpochs();
        var consumer = fixture.Consumer(ConsumerFixture.Options with { AutoOffsetReset = AutoOffsetReset.None });
        consumer.Assign(new TopicPartitionOffset(Partition, 0));
        Assert.Equal(["a", "b", "c"], await ConsumerFixture.TakeAsync(consumer, 3));
        fixture.Cluster.Log.Truncate("t", 0, 1);
        fixture.Cluster.Log.Append("t", 0, "B", "C", "D");

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var error = await Assert.ThrowsAsync<LogTruncationException>(() => ConsumerFixture.TakeAsync(consumer, 1));
            Assert.Equal((Partition, 1), (error.TopicPartition, error.DivergentOffset!.Value));
        }

        consumer.Seek(new TopicPartitionOffset(Partition, 2));
        Assert.Equal(["C"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task A_committed_offset_is_checked_against_the_leader_it_came_from()
    {
        await using var fixture = New(nodes: 1);
        fixture.Cluster.Log.KnowEpochs();
        var first = fixture.Member();
        Assert.Equal(["a", "b", "c"], await ConsumerFixture.TakeAsync(first, 3));
        await first.CommitAsync(ConsumerFixture.Token);
        await first.CloseAsync(ConsumerFixture.Token);
        Assert.Equal(0, fixture.Cluster.Group.Commits.Last().Topics[0].Partitions[0].CommittedLeaderEpoch);
        fixture.Cluster.Log.Truncate("t", 0, 1);
        fixture.Cluster.Log.Append("t", 0, "B", "C", "D");

        var second = fixture.Member();

        Assert.Equal(["B", "C", "D"], await ConsumerFixture.TakeAsync(second, 3));
    }

    private static ConsumerFixture New(int nodes)
    {
        var fixture = new ConsumerFixture(nodes);
        fixture.Cluster.Log.Create("t");
        foreach (var value in new[] { "a", "b", "c" })
            fixture.Cluster.Log.Append("t", 0, value);
        return fixture;
    }
}
