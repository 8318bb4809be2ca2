using Caudal.Client.Groups;
using Caudal.Client.Tests.Consuming;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Groups;

public sealed class MembershipTests
{
    private static readonly TopicPartition Partition = new("t", 0);

    [Fact]
    public async Task A_member_takes_the_id_that_it_is_given_and_joins_with_it()
    {
        await using var fixture = New();
        var consumer = fixture.Member();

        await ConsumerFixture.TakeAsync(consumer, 1);

        Assert.Equal(["", "member-1"], fixture.Cluster.Group.Joins.Select(j => j.MemberId));
        Assert.Equal([Partition], consumer.Assignment);
    }

    [Fact]
    public async Task Partitions_are_not_taken_away_while_a_record_is_processed()
    {
        await using var fixture = New();
        var listener = new RecordingListener();
        var consumer = fixture.Member(ConsumerFixture.Options with { RebalanceListeners = [listener] });
        await using var records = consumer.ConsumeAsync(ConsumerFixture.Token).GetAsyncEnumerator(ConsumerFixture.Token);
        Assert.True(await records.MoveNextAsync());

        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.RebalanceInProgress);
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.Beats.IsEmpty);
        var beats = fixture.Cluster.Group.BeatCount;
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.BeatCount > beats + 3);
        Assert.Equal(["assigned t-0"], listener.Events);
        Assert.Empty(fixture.Cluster.Group.Commits);

        // Asking for the next says that the first is processed: it is committed, the group is joined again, and reading goes on behind it.
        Assert.True(await records.MoveNextAsync());
        Assert.Equal("b", records.Current.Value);
        Assert.Equal(["assigned t-0", "revoked t-0", "assigned t-0"], listener.Events);
        Assert.Equal(1, fixture.Cluster.Group.Committed[Partition]);
        Assert.Equal(1, Assert.Single(fixture.Cluster.Group.Commits).GenerationIdOrMemberEpoch);
    }

    [Fact]
    public async Task A_listener_is_awaited_and_may_commit_and_seek()
    {
        await using var fixture = New();
        var listener = new RecordingListener();
        Consumer<string?, string?>? consumer = null;
        listener.Assigned = _ =>
        {
            consumer!.Seek(new TopicPartitionOffset(Partition, 2));
            return Task.CompletedTask;
        };
        listener.Revoked = async _ => await consumer!.CommitAsync([new TopicPartitionOffset(Partition, 42)], ConsumerFixture.Token);
        consumer = fixture.Member(ConsumerFixture.Options with { RebalanceListeners = [listener], EnableAutoCommit = false });

        Assert.Equal(["c"], await ConsumerFixture.TakeAsync(consumer, 1));
        await consumer.CloseAsync(ConsumerFixture.Token);

        Assert.Equal(42, fixture.Cluster.Group.Committed[Partition]);
        Assert.Equal(["assigned t-0", "revoked t-0"], listener.Events);
    }

    [Fact]
    public async Task A_listener_that_fails_ends_nothing()
    {
        await using var fixture = New();
        var listener = new RecordingListener { Assigned = _ => throw new InvalidOperationException("mine") };
        var consumer = fixture.Member(ConsumerFixture.Options with { RebalanceListeners = [listener] });

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Theory]
    [InlineData(ErrorCode.IllegalGeneration)]
    [InlineData(ErrorCode.UnknownMemberId)]
    public async Task A_member_that_was_put_out_loses_its_partitions_and_joins_again(ErrorCode error)
    {
        await using var fixture = New();
        var listener = new RecordingListener();
        var consumer = fixture.Member(ConsumerFixture.Options with { RebalanceListeners = [listener] });
        await using var records = consumer.ConsumeAsync(ConsumerFixture.Token).GetAsyncEnumerator(ConsumerFixture.Token);
        Assert.True(await records.MoveNextAsync());

        fixture.Cluster.Group.Beats.Enqueue(error);
        await ConsumerFixture.UntilAsync(() => listener.Events.Contains("lost t-0"));

        // Nothing was committed: the record comes again, to whoever owns the partition now.
        Assert.True(await records.MoveNextAsync());
        Assert.Equal("a", records.Current.Value);
        Assert.Equal(["assigned t-0", "lost t-0", "assigned t-0"], listener.Events);
        Assert.Empty(fixture.Cluster.Group.Commits);
    }

    [Fact]
    public async Task A_member_whose_id_is_not_known_any_more_joins_without_it()
    {
        await using var fixture = New();
        fixture.Cluster.Once<SyncGroupRequest, SyncGroupResponse>(
            (_, _, _) => new SyncGroupResponse { ErrorCode = (short)ErrorCode.UnknownMemberId });
        var consumer = fixture.Member();

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.Equal(["", "member-1", "", "member-2"], fixture.Cluster.Group.Joins.Select(j => j.MemberId));
    }

    [Theory]
    [InlineData(ErrorCode.RebalanceInProgress)]
    [InlineData(ErrorCode.CoordinatorLoadInProgress)]
    [InlineData(ErrorCode.NotCoordinator)]
    [InlineData(ErrorCode.IllegalGeneration)]
    public async Task A_join_that_fails_for_now_is_tried_again(ErrorCode error)
    {
        await using var fixture = New();
        fixture.Cluster.Once<JoinGroupRequest, JoinGroupResponse>(
            (_, _, _) => new JoinGroupResponse { ErrorCode = (short)error, ProtocolName = "" });
        fixture.Cluster.Once<SyncGroupRequest, SyncGroupResponse>((_, _, _) => new SyncGroupResponse { ErrorCode = (short)error });
        var consumer = fixture.Member();

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Theory]
    [InlineData(ErrorCode.FencedInstanceId)]
    [InlineData(ErrorCode.InconsistentGroupProtocol)]
    [InlineData(ErrorCode.GroupAuthorizationFailed)]
    [InlineData(ErrorCode.InvalidSessionTimeout)]
    public async Task A_group_that_refuses_for_good_is_an_error(ErrorCode error)
    {
        await using var fixture = New();
        fixture.Cluster.On<JoinGroupRequest, JoinGroupResponse>(
            (_, _, _) => new JoinGroupResponse { ErrorCode = (short)error, ProtocolName = "" });
        var consumer = fixture.Member();

        for (var attempt = 0; attempt < 2; attempt++)
            Assert.Equal(error, (await Assert.ThrowsAsync<BrokerErrorException>(() => ConsumerFixture.TakeAsync(consumer, 1))).Code);
    }

    [Fact]
    public async Task The_coordinator_is_followed_when_it_moves()
    {
        await using var fixture = New(nodes: 2);
        var consumer = fixture.Member();
        await ConsumerFixture.TakeAsync(consumer, 1);

        fixture.Cluster.Group.Coordinator = 1;
        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.NotCoordinator);

        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Requests.Any(r => r == (ApiKey.Heartbeat, 4, 1)));
        Assert.Equal([Partition], consumer.Assignment);
    }

    [Fact]
    public async Task Cut_connections_do_not_end_a_membership()
    {
        await using var fixture = New();
        var consumer = fixture.Member();
        await ConsumerFixture.TakeAsync(consumer, 1);

        fixture.Cluster.CutConnections();
        var beats = fixture.Cluster.Group.BeatCount;
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.BeatCount > beats + 1);

        Assert.Equal(["b"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.Equal(2, fixture.Cluster.Group.Joins.Count);
    }

    [Fact]
    public async Task A_fenced_static_member_stops()
    {
        await using var fixture = New();
        var listener = new RecordingListener();
        var consumer = fixture.Member(ConsumerFixture.Options with { GroupInstanceId = "i", RebalanceListeners = [listener] });
        await ConsumerFixture.TakeAsync(consumer, 1);

        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.FencedInstanceId);

        var error = await Assert.ThrowsAsync<BrokerErrorException>(() => ConsumerFixture.TakeAsync(consumer, 99));
        Assert.Equal(ErrorCode.FencedInstanceId, error.Code);
        Assert.Contains("lost t-0", listener.Events);
    }

    [Fact]
    public async Task A_static_member_does_not_leave_and_a_dynamic_one_does()
    {
        await using var fixture = New();
        var stays = fixture.Member(ConsumerFixture.Options with { GroupInstanceId = "i" });
        await ConsumerFixture.TakeAsync(stays, 1);
        await stays.CloseAsync(ConsumerFixture.Token);
        Assert.Empty(fixture.Cluster.Group.Left);
        Assert.Equal("i", fixture.Cluster.Group.Joins.First().GroupInstanceId);

        var leaves = fixture.Member();
        await ConsumerFixture.TakeAsync(leaves, 1);
        await leaves.CloseAsync(ConsumerFixture.Token);

        Assert.Single(fixture.Cluster.Group.Left);
    }

    [Fact]
    public async Task Processing_for_too_long_leaves_the_group_until_records_are_asked_for_again()
    {
        await using var fixture = New();
        var listener = new RecordingListener();
        var consumer = fixture.Member(
            ConsumerFixture.Options with { RebalanceListeners = [listener], MaxPollInterval = TimeSpan.FromMilliseconds(60) });
        await using var records = consumer.ConsumeAsync(ConsumerFixture.Token).GetAsyncEnumerator(ConsumerFixture.Token);
        Assert.True(await records.MoveNextAsync());

        await ConsumerFixture.UntilAsync(() => !fixture.Cluster.Group.Left.IsEmpty);
        Assert.Equal(["assigned t-0", "lost t-0"], listener.Events);
        Assert.Equal(2, fixture.Cluster.Group.Joins.Count);
        Assert.Equal([new TopicPartitionOffset(Partition, 1)],
            (await consumer.CommitAsync([new TopicPartitionOffset(Partition, 1)], ConsumerFixture.Token)).Revoked);

        Assert.True(await records.MoveNextAsync());
        Assert.Equal("a", records.Current.Value);
    }

    [Fact]
    public async Task Waiting_for_records_is_not_processing()
    {
        await using var fixture = New();
        var consumer = fixture.Member(ConsumerFixture.Options with { MaxPollInterval = TimeSpan.FromMilliseconds(40) });
        await ConsumerFixture.TakeAsync(consumer, 3);

        var waiting = ConsumerFixture.TakeAsync(consumer, 1);
        var beats = fixture.Cluster.Group.BeatCount;
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.BeatCount > beats + 10);
        fixture.Cluster.Log.Append("t", 0, "d");

        Assert.Equal(["d"], await waiting);
        Assert.Empty(fixture.Cluster.Group.Left);
    }

    [Fact]
    public async Task A_changed_subscription_is_taken_to_the_group()
    {
        await using var fixture = New();
        fixture.Cluster.Log.Create("u");
        fixture.Cluster.Log.Append("u", 0, "x");
        var consumer = fixture.Member();
        await ConsumerFixture.TakeAsync(consumer, 3);

        consumer.Subscribe("u");

        Assert.Equal("x", (await ConsumerFixture.TakeAsync(consumer, 1))[0]);
        Assert.Equal([new TopicPartition("u", 0)], consumer.Assignment);
    }

    [Fact]
    public async Task A_topic_that_appears_later_is_assigned_then()
    {
        await using var fixture = new ConsumerFixture();
        var consumer = fixture.Member();
        Assert.Null(await consumer.FetchAsync(TimeSpan.Zero, ConsumerFixture.Token));
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Count(ApiKey.SyncGroup) > 0);

        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a");
        await fixture.Client.Metadata.RefreshAsync(["t"], ConsumerFixture.Token);

        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task Every_strategy_is_offered_with_its_user_data()
    {
        await using var fixture = New();
        var consumer = fixture.Member(ConsumerFixture.Options with { Assignors = [GroupAssignors.Sticky, GroupAssignors.Range] });
        await ConsumerFixture.TakeAsync(consumer, 1);
        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.RebalanceInProgress);
        await ConsumerFixture.TakeAsync(consumer, 1);
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.Joins.Count >= 3);

        var last = fixture.Cluster.Group.Joins.Last();
        Assert.Equal(["sticky", "range"], last.Protocols.Select(p => p.Name));
        var member = ConsumerProtocol.ReadSubscription(
            new JoinGroupResponse.JoinGroupResponseMember { MemberId = "m", Metadata = last.Protocols[0].Metadata });
        var (partitions, generation) = StickyUserData.Read(member.UserData);
        Assert.Equal([Partition], partitions);
        Assert.Equal(1, generation);
    }

    [Fact]
    public async Task Closing_ends_in_time_although_the_coordinator_is_silent()
    {
        await using var fixture = New();
        var consumer = fixture.Member();
        await ConsumerFixture.TakeAsync(consumer, 2);
        fixture.Cluster.OnAsync<OffsetCommitRequest, OffsetCommitResponse>(async (_, _, _) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, fixture.Cluster.Stopped);
            return null;
        });
        using var deadline = new CancellationTokenSource(100);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await consumer.CloseAsync(deadline.Token));
        await Assert.ThrowsAsync<ClientClosedException>(async () => await consumer.FetchAsync(TimeSpan.Zero, ConsumerFixture.Token));
    }

    private static ConsumerFixture New(int nodes = 1)
    {
        var fixture = new ConsumerFixture(nodes);
        fixture.Cluster.Log.Create("t");
        fixture.Cluster.Log.Append("t", 0, "a", "b", "c");
        return fixture;
    }
}
