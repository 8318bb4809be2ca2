using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Consuming;

public sealed class CommitTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    [Fact]
    public async Task A_record_counts_as_processed_when_the_next_is_asked_for()
    {
        await using var fixture = New("a", "b", "c");
        var consumer = fixture.Member();
        await ConsumerFixture.TakeAsync(consumer, 2);

        await consumer.CloseAsync(ConsumerFixture.Token);

        Assert.Equal(1, fixture.Cluster.Group.Committed[Partition]);
    }

    [Fact]
    public async Task A_lease_counts_as_processed_when_the_next_is_asked_for()
    {
        await using var fixture = New("a", "b");
        fixture.Cluster.Log.Append("t", 0, "c");
        var consumer = fixture.Member();
        (await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token))!.Dispose();
        (await consumer.FetchAsync(Timeout.InfiniteTimeSpan, ConsumerFixture.Token))!.Dispose();

        await consumer.CloseAsync(ConsumerFixture.Token);

        Assert.Equal(2, fixture.Cluster.Group.Committed[Partition]);
    }

    [Fact]
    public async Task Committing_by_hand_includes_the_record_at_hand()
    {
        await using var fixture = New("a", "b", "c");
        var consumer = fixture.Member(ConsumerFixture.Options with { EnableAutoCommit = false });
        var committed = new List<long>();
        await foreach (var batch in consumer.ConsumeBatchesAsync(ConsumerFixture.Token))
        {
            foreach (var record in batch)
            {
                var result = await consumer.CommitAsync(ConsumerFixture.Token);
                Assert.True(result.IsComplete);
                committed.Add(fixture.Cluster.Group.Committed[Partition]);
            }

            break;
        }

        Assert.Equal([1, 2, 3], committed);
    }

    [Fact]
    public async Task What_was_committed_already_is_not_committed_again()
    {
        await using var fixture = New("a");
        var consumer = fixture.Member();
        await ConsumerFixture.TakeAsync(consumer, 1);

        Assert.Single((await consumer.CommitAsync(ConsumerFixture.Token)).Committed);
        Assert.Empty((await consumer.CommitAsync(ConsumerFixture.Token)).Committed);
        Assert.Single(fixture.Cluster.Group.Commits);
    }

    [Fact]
    public async Task Stored_offsets_are_committed_by_themselves()
    {
        await using var fixture = New("a", "b");
        var consumer = fixture.Member(ConsumerFixture.Options with { AutoCommitInterval = TimeSpan.FromMilliseconds(5) });
        await ConsumerFixture.TakeAsync(consumer, 2);

        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.Committed.GetValueOrDefault(Partition) == 1);

        Assert.All(fixture.Cluster.Group.Commits, c => Assert.Equal(1, c.GenerationIdOrMemberEpoch));
    }

    [Fact]
    public async Task Storing_by_hand_decides_what_is_committed()
    {
        await using var fixture = New("a", "b", "c");
        var consumer = fixture.Member(ConsumerFixture.Options with { EnableAutoOffsetStore = false });
        await ConsumerFixture.TakeAsync(consumer, 3);
        Assert.Empty((await consumer.CommitAsync(ConsumerFixture.Token)).Committed);

        Assert.True(consumer.StoreOffset(new TopicPartitionOffset(Partition, 2)));
        await consumer.CloseAsync(ConsumerFixture.Token);

        Assert.Equal(2, fixture.Cluster.Group.Committed[Partition]);
    }

    [Fact]
    public async Task The_start_that_the_policy_chose_is_committed_too()
    {
        await using var fixture = New("a");
        var consumer = fixture.Member(ConsumerFixture.Options with { AutoOffsetReset = AutoOffsetReset.Latest });
        Assert.Null(await consumer.FetchAsync(TimeSpan.Zero, ConsumerFixture.Token));
        await ConsumerFixture.UntilAsync(() => consumer.Position(Partition) == 1);

        await consumer.CloseAsync(ConsumerFixture.Token);

        Assert.Equal(1, fixture.Cluster.Group.Committed[Partition]);
    }

    [Fact]
    public async Task Committing_what_belongs_to_others_is_no_error_and_no_effect()
    {
        await using var fixture = New("a");
        var consumer = fixture.Member();
        await ConsumerFixture.TakeAsync(consumer, 1);
        var foreign = new TopicPartitionOffset("t", 7, 3);

        var result = await consumer.CommitAsync([foreign, new TopicPartitionOffset(Partition, 1)], ConsumerFixture.Token);

        Assert.Equal([foreign], result.Revoked);
        Assert.Equal([new TopicPartitionOffset(Partition, 1)], result.Committed);
        Assert.False(result.IsComplete);
    }

    [Theory]
    [InlineData(ErrorCode.IllegalGeneration)]
    [InlineData(ErrorCode.UnknownMemberId)]
    public async Task A_commit_of_a_generation_that_is_over_is_no_error(ErrorCode error)
    {
        await using var fixture = New("a");
        var consumer = fixture.Member(ConsumerFixture.Options with { EnableAutoCommit = false });
        await ConsumerFixture.TakeAsync(consumer, 1);
        fixture.Cluster.Group.CommitError = error;

        var result = await consumer.CommitAsync(ConsumerFixture.Token);

        Assert.Equal([new TopicPartitionOffset(Partition, 1)], result.Revoked);
        fixture.Cluster.Group.CommitError = ErrorCode.None;
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task A_commit_follows_its_coordinator_and_waits_for_it()
    {
        await using var fixture = New("a");
        var consumer = fixture.Member(ConsumerFixture.Options with { EnableAutoCommit = false });
        await ConsumerFixture.TakeAsync(consumer, 1);
        var answers = new Queue<ErrorCode>([ErrorCode.NotCoordinator, ErrorCode.CoordinatorLoadInProgress]);
        fixture.Cluster.Once<OffsetCommitRequest, OffsetCommitResponse>((_, _, request) => Refuse(request, answers.Dequeue()));
        fixture.Cluster.Once<OffsetCommitRequest, OffsetCommitResponse>((_, _, request) => Refuse(request, answers.Dequeue()));

        Assert.Single((await consumer.CommitAsync(ConsumerFixture.Token)).Committed);
        Assert.Empty(answers);
    }

    [Fact]
    public async Task A_commit_that_is_refused_for_good_fails()
    {
        await using var fixture = New("a");
        var consumer = fixture.Member(ConsumerFixture.Options with { EnableAutoCommit = false });
        await ConsumerFixture.TakeAsync(consumer, 1);
        fixture.Cluster.Group.CommitError = ErrorCode.GroupAuthorizationFailed;

        var error = await Assert.ThrowsAsync<BrokerErrorException>(async () => await consumer.CommitAsync(ConsumerFixture.Token));

        Assert.Equal(ErrorCode.GroupAuthorizationFailed, error.Code);
    }

    [Fact]
    public async Task Assigned_partitions_start_at_the_groups_offsets_and_commit_without_membership()
    {
        await using var fixture = New("a", "b");
        fixture.Cluster.Group.Committed[Partition] = 1;
        var consumer = fixture.Consumer(ConsumerFixture.Options with { GroupId = "g" });
        consumer.Assign(Partition);

        Assert.Equal(["b"], await ConsumerFixture.TakeAsync(consumer, 1));
        await consumer.CommitAsync(ConsumerFixture.Token);

        Assert.Equal(2, fixture.Cluster.Group.Committed[Partition]);
        Assert.Equal(-1, Assert.Single(fixture.Cluster.Group.Commits).GenerationIdOrMemberEpoch);
        Assert.Empty(fixture.Cluster.Group.Joins);
    }

    [Fact]
    public async Task Without_a_group_there_is_nothing_to_commit_to()
    {
        await using var fixture = New("a");
        var consumer = fixture.Consumer();
        consumer.Assign(Partition);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.CommitAsync(ConsumerFixture.Token));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.CommittedAsync([Partition], ConsumerFixture.Token));
        Assert.Throws<InvalidOperationException>(() => fixture.Consumer().Subscribe("t"));
    }

    private static OffsetCommitResponse Refuse(OffsetCommitRequest request, ErrorCode error) => new()
    {
        Topics = [new OffsetCommitResponse.OffsetCommitResponseTopic
        {
            Name = request.Topics[0].Name,
            Partitions = [new OffsetCommitResponse.OffsetCommitResponsePartition { PartitionIndex = 0, ErrorCode = (short)error }],
        }],
    };

    private static ConsumerFixture New(params string?[] values)
    {
        var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, values);
        return fixture;
    }
}
