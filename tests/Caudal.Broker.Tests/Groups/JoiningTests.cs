using Caudal.Broker.Groups;
using Caudal.Protocol;

namespace Caudal.Broker.Tests.Groups;

public class JoiningTests
{
    [Fact]
    public async Task A_new_member_is_told_its_id_before_it_joins()
    {
        await using var groups = await Coordination.StartAsync();
        var first = await groups.JoinAsync();
        Assert.Equal(ErrorCode.MemberIdRequired, (ErrorCode)first.ErrorCode);
        Assert.StartsWith("client-", first.MemberId);
        Assert.Empty(groups.Describe().Members);
        var joined = await groups.JoinAsync(first.MemberId);
        Assert.Equal(ErrorCode.None, (ErrorCode)joined.ErrorCode);
        Assert.Equal((first.MemberId, first.MemberId, 1), (joined.MemberId, joined.Leader, joined.GenerationId));
        Assert.Equal("range", joined.ProtocolName);
        Assert.Equal("consumer", joined.ProtocolType);
        Assert.Equal([1], Assert.Single(joined.Members).Metadata);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task An_old_client_joins_at_once(short version)
    {
        await using var groups = await Coordination.StartAsync();
        var joined = await groups.JoinAsync(version: version);
        Assert.Equal(ErrorCode.None, (ErrorCode)joined.ErrorCode);
        Assert.Equal(joined.MemberId, joined.Leader);
    }

    [Theory]
    [InlineData("", 10_000, "consumer", ErrorCode.InvalidGroupId)]
    [InlineData("g", 5_999, "consumer", ErrorCode.InvalidSessionTimeout)]
    [InlineData("g", 1_800_001, "consumer", ErrorCode.InvalidSessionTimeout)]
    [InlineData("g", 10_000, "", ErrorCode.InconsistentGroupProtocol)]
    public async Task A_faulty_join_is_refused(string group, int sessionMs, string type, ErrorCode expected)
    {
        await using var groups = await Coordination.StartAsync();
        var joined = await groups.JoinAsync(group: group, sessionMs: sessionMs, type: type);
        Assert.Equal(expected, (ErrorCode)joined.ErrorCode);
        Assert.Equal(-1, joined.GenerationId);
        Assert.Null(joined.ProtocolName);
    }

    [Fact]
    public async Task Errors_have_an_empty_protocol_name_before_version_7()
    {
        await using var groups = await Coordination.StartAsync();
        Assert.Equal("", (await groups.JoinAsync("stranger", version: 6)).ProtocolName);
    }

    [Fact]
    public async Task An_id_that_nobody_was_given_is_unknown()
    {
        await using var groups = await Coordination.StartAsync();
        Assert.Equal(ErrorCode.UnknownMemberId, (ErrorCode)(await groups.JoinAsync("stranger")).ErrorCode);
        Assert.Empty(groups.Coordinator.List(Coordination.Context(5), new()).Groups);
        await groups.StableOfOneAsync();
        Assert.Equal(ErrorCode.UnknownMemberId, (ErrorCode)(await groups.JoinAsync("stranger")).ErrorCode);
    }

    [Fact]
    public async Task Protocol_type_and_a_common_protocol_are_demanded()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.StableOfOneAsync();
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (ErrorCode)(await groups.JoinAsync(type: "connect")).ErrorCode);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (ErrorCode)(await groups.JoinAsync(protocols: [("sticky", 1)])).ErrorCode);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (ErrorCode)(await groups.JoinAsync(protocols: [])).ErrorCode);
    }

    [Fact]
    public async Task Opaque_protocol_types_keep_their_metadata()
    {
        await using var groups = await Coordination.StartAsync();
        var joined = await groups.JoinAsync(type: "connect", version: 3, protocols: [("sessioned", 200), ("default", 7)]);
        Assert.Equal(("connect", "sessioned"), (joined.ProtocolType, joined.ProtocolName));
        Assert.Equal([200], joined.Members[0].Metadata);
    }

    [Fact]
    public async Task Only_the_leader_learns_who_the_members_are()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, alone) = await groups.JoinNewAsync();
        await alone;
        var (follower, second) = await groups.JoinNewAsync();
        Assert.False(second.IsCompleted);
        var again = await groups.JoinAsync(leader);
        Assert.Equal(2, again.GenerationId);
        Assert.Equal([leader, follower], again.Members.Select(m => m.MemberId));
        var joined = await second;
        Assert.Empty(joined.Members);
        Assert.Equal((leader, 2), (joined.Leader, joined.GenerationId));
    }

    [Fact]
    public async Task The_protocol_that_most_members_prefer_wins_among_common_ones()
    {
        await using var groups = await Coordination.StartAsync();
        var first = await groups.JoinAsync(version: 3, protocols: [("a", 1), ("b", 2)]);
        Assert.Equal("a", first.ProtocolName);
        var second = groups.JoinAsync(version: 3, protocols: [("c", 3), ("b", 2), ("a", 1)]);
        var third = groups.JoinAsync(version: 3, protocols: [("b", 2), ("a", 1)]);
        var again = await groups.JoinAsync(first.MemberId, version: 3, protocols: [("a", 1), ("b", 2)]);
        Assert.Equal("b", again.ProtocolName);
        Assert.All(await Task.WhenAll(second, third), r => Assert.Equal("b", r.ProtocolName));
        Assert.All(again.Members, m => Assert.Equal([2], m.Metadata));
    }

    [Fact]
    public async Task A_follower_that_joins_again_unchanged_gets_the_present_generation()
    {
        await using var groups = await Coordination.StartAsync();
        var (_, follower, generation) = await groups.StableOfTwoAsync();
        var again = await groups.JoinAsync(follower);
        Assert.Equal((ErrorCode.None, generation), ((ErrorCode)again.ErrorCode, again.GenerationId));
        Assert.Empty(again.Members);
        Assert.Equal("Stable", groups.Describe().GroupState);
    }

    [Fact]
    public async Task A_follower_with_other_metadata_starts_a_rebalance()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, follower, generation) = await groups.StableOfTwoAsync();
        var again = groups.JoinAsync(follower, protocols: [("range", 2)]);
        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(leader, generation));
        await groups.JoinAsync(leader);
        Assert.Equal(generation + 1, (await again).GenerationId);
    }

    [Fact]
    public async Task A_leader_that_joins_again_starts_a_rebalance()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, follower, generation) = await groups.StableOfTwoAsync();
        var again = groups.JoinAsync(leader);
        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(follower, generation));
        await groups.JoinAsync(follower);
        Assert.Equal(generation + 1, (await again).GenerationId);
    }

    [Fact]
    public async Task A_lost_answer_to_a_join_is_given_again_before_the_assignment()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, joined) = await groups.JoinNewAsync();
        var first = await joined;
        var again = await groups.JoinAsync(id);
        Assert.Equal(first.GenerationId, again.GenerationId);
        Assert.Equal(id, Assert.Single(again.Members).MemberId);
    }

    [Fact]
    public async Task A_changed_join_before_the_assignment_starts_over_and_sends_syncs_back()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, alone) = await groups.JoinNewAsync();
        await alone;
        var (follower, second) = await groups.JoinNewAsync();
        await groups.JoinAsync(leader);
        var generation = (await second).GenerationId;
        var sync = groups.SyncAsync(follower, generation);
        var again = groups.JoinAsync(leader, protocols: [("range", 5)]);
        Assert.Equal(ErrorCode.RebalanceInProgress, (ErrorCode)(await sync).ErrorCode);
        await groups.JoinAsync(follower);
        Assert.Equal(generation + 1, (await again).GenerationId);
    }

    [Fact]
    public async Task A_full_group_refuses_newcomers_but_keeps_its_members()
    {
        await using var groups = await Coordination.StartAsync(new GroupCoordinatorOptions { MaxSize = 1 });
        var (id, _) = await groups.StableOfOneAsync();
        Assert.Equal(ErrorCode.GroupMaxSizeReached, (ErrorCode)(await groups.JoinAsync()).ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)(await groups.JoinAsync(id)).ErrorCode);
    }

    [Fact]
    public async Task A_client_that_goes_away_stops_waiting_and_its_member_stays()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, generation) = await groups.StableOfOneAsync();
        using var gone = new CancellationTokenSource();
        var id = (await groups.JoinAsync()).MemberId;
        var waiting = groups.JoinAsync(id, connection: gone);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(leader, generation));
        Assert.Equal(2, groups.Describe().Members.Length);
    }

    [Fact]
    public async Task A_second_join_of_a_waiting_member_sends_the_first_one_back()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, _) = await groups.StableOfOneAsync();
        var (id, first) = await groups.JoinNewAsync();
        var second = groups.JoinAsync(id);
        Assert.Equal(ErrorCode.RebalanceInProgress, (ErrorCode)(await first).ErrorCode);
        await groups.JoinAsync(leader);
        Assert.Equal(ErrorCode.None, (ErrorCode)(await second).ErrorCode);
    }

    [Fact]
    public async Task A_stopping_coordinator_answers_those_that_wait()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.StableOfOneAsync();
        var (_, waiting) = await groups.JoinNewAsync();
        await groups.DisposeAsync();
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (ErrorCode)(await waiting).ErrorCode);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (ErrorCode)(await groups.JoinAsync()).ErrorCode);
    }
}
