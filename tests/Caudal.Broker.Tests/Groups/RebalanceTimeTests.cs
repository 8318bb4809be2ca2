using Caudal.Broker.Groups;
using Caudal.Protocol;

namespace Caudal.Broker.Tests.Groups;

public class RebalanceTimeTests
{
    private static TimeSpan Ms(int ms) => TimeSpan.FromMilliseconds(ms);

    [Fact]
    public async Task A_member_without_heartbeats_is_removed_when_its_session_ends()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, generation) = await groups.StableOfOneAsync();
        groups.Time.Advance(Ms(9_999));
        Assert.Equal(ErrorCode.None, groups.Beat(id, generation));
        groups.Time.Advance(Ms(9_999));
        Assert.Equal("Stable", groups.Describe().GroupState);
        groups.Time.Advance(Ms(1));
        Assert.Equal("Empty", groups.Describe().GroupState);
        Assert.Equal(ErrorCode.UnknownMemberId, groups.Beat(id, generation));
    }

    [Fact]
    public async Task A_commit_keeps_a_session_alive()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, generation) = await groups.StableOfOneAsync();
        groups.Time.Advance(Ms(9_000));
        Assert.Equal(ErrorCode.None, await groups.CommitAsync(1, generation, id));
        groups.Time.Advance(Ms(9_000));
        Assert.Equal("Stable", groups.Describe().GroupState);
    }

    [Fact]
    public async Task The_end_of_a_session_starts_a_rebalance_for_the_others()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, follower, generation) = await groups.StableOfTwoAsync();
        groups.Time.Advance(Ms(9_000));
        Assert.Equal(ErrorCode.None, groups.Beat(follower, generation));
        groups.Time.Advance(Ms(1_000));
        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(follower, generation));
        var joined = await groups.JoinAsync(follower);
        Assert.Equal(follower, joined.Leader);
        Assert.NotEqual(leader, Assert.Single(joined.Members).MemberId);
    }

    [Fact]
    public async Task Laggards_are_removed_when_the_rebalance_timeout_ends()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, follower, generation) = await groups.StableOfTwoAsync(sessionMs: 30_000);
        var again = groups.JoinAsync(follower, sessionMs: 30_000, protocols: [("range", 2)]);
        groups.Time.Advance(Ms(19_999));
        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(leader, generation));
        groups.Time.Advance(Ms(1));
        var joined = await again;
        Assert.Equal((follower, generation + 1), (joined.Leader, joined.GenerationId));
        Assert.Equal(ErrorCode.UnknownMemberId, groups.Beat(leader, generation));
    }

    [Fact]
    public async Task Version_0_uses_the_session_timeout_for_rebalances()
    {
        await using var groups = await Coordination.StartAsync();
        var first = await groups.JoinAsync(version: 0, sessionMs: 8_000);
        var second = groups.JoinAsync(version: 0, sessionMs: 8_000);
        groups.Time.Advance(Ms(7_000));
        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(first.MemberId, 1));
        groups.Time.Advance(Ms(1_000));
        var joined = await second;
        Assert.Equal(joined.MemberId, joined.Leader);
    }

    [Fact]
    public async Task A_waiting_member_does_not_lose_its_session()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, follower, generation) = await groups.StableOfTwoAsync();
        var again = groups.JoinAsync(follower, protocols: [("range", 2)]);
        for (var i = 0; i < 3; i++)
        {
            groups.Time.Advance(Ms(6_000));
            Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(leader, generation));
        }

        await groups.JoinAsync(leader);
        Assert.Equal(ErrorCode.None, (ErrorCode)(await again).ErrorCode);
    }

    [Fact]
    public async Task A_reserved_id_that_is_not_used_does_not_hold_a_rebalance_up_for_longer_than_its_session()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, _) = await groups.StableOfOneAsync();
        await groups.JoinAsync(sessionMs: 8_000);
        var again = groups.JoinAsync(leader);
        groups.Time.Advance(Ms(7_999));
        Assert.False(again.IsCompleted);
        groups.Time.Advance(Ms(1));
        Assert.Equal(leader, Assert.Single((await again).Members).MemberId);
    }

    [Fact]
    public async Task A_new_group_waits_for_more_members_as_long_as_some_come()
    {
        await using var groups = await Coordination.StartAsync(new GroupCoordinatorOptions { InitialRebalanceDelayMs = 3_000 });
        var (_, first) = await groups.JoinNewAsync();
        groups.Time.Advance(Ms(2_000));
        var (_, second) = await groups.JoinNewAsync();
        groups.Time.Advance(Ms(1_000));
        Assert.False(first.IsCompleted);
        groups.Time.Advance(Ms(3_000));
        Assert.Equal((1, 1), ((await first).GenerationId, (await second).GenerationId));
        Assert.Equal(2, (await first).Members.Length);
    }

    [Fact]
    public async Task The_delay_of_a_new_group_ends_with_the_rebalance_timeout()
    {
        await using var groups = await Coordination.StartAsync(new GroupCoordinatorOptions { InitialRebalanceDelayMs = 3_000 });
        var (_, first) = await groups.JoinNewAsync(rebalanceMs: 7_000);
        for (var second = 1; second <= 6; second++)
        {
            groups.Time.Advance(Ms(1_000));
            if (second is 2 or 5)
                await groups.JoinNewAsync(rebalanceMs: 7_000);
        }

        Assert.False(first.IsCompleted);
        groups.Time.Advance(Ms(1_000));
        Assert.Equal(3, (await first).Members.Length);
    }

    [Fact]
    public async Task A_member_that_never_asks_for_its_assignment_is_removed()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, alone) = await groups.JoinNewAsync();
        await alone;
        var (follower, second) = await groups.JoinNewAsync();
        await groups.JoinAsync(leader);
        var generation = (await second).GenerationId;
        await groups.SyncAsync(leader, generation, assignments: [(leader, [1])]);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(ErrorCode.None, groups.Beat(leader, generation));
            Assert.Equal(ErrorCode.None, groups.Beat(follower, generation));
            groups.Time.Advance(Ms(5_000));
        }

        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(leader, generation));
        Assert.Equal(ErrorCode.UnknownMemberId, groups.Beat(follower, generation));
    }

    [Fact]
    public async Task A_leader_that_never_assigns_is_removed_and_the_syncs_are_sent_back()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, alone) = await groups.JoinNewAsync(sessionMs: 60_000);
        await alone;
        var (follower, second) = await groups.JoinNewAsync(sessionMs: 60_000);
        await groups.JoinAsync(leader, sessionMs: 60_000);
        var generation = (await second).GenerationId;
        var sync = groups.SyncAsync(follower, generation);
        groups.Time.Advance(Ms(20_000));
        Assert.Equal(ErrorCode.RebalanceInProgress, (ErrorCode)(await sync).ErrorCode);
        Assert.Equal(follower, (await groups.JoinAsync(follower, sessionMs: 60_000)).Leader);
    }

    [Fact]
    public async Task A_newcomer_that_was_never_answered_is_given_up_after_five_minutes()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, generation) = await groups.StableOfOneAsync(sessionMs: 1_800_000);
        var (newcomer, waiting) = await groups.JoinNewAsync(rebalanceMs: 1_000_000);
        groups.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(ErrorCode.UnknownMemberId, (ErrorCode)(await waiting).ErrorCode);
        Assert.DoesNotContain(groups.Describe().Members, m => m.MemberId == newcomer);
        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(leader, generation));
    }
}
