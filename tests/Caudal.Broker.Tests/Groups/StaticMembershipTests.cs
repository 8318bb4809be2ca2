using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Groups;

public class StaticMembershipTests
{
    [Fact]
    public async Task A_static_member_joins_without_being_told_its_id_first()
    {
        await using var groups = await Coordination.StartAsync();
        var joined = await groups.JoinAsync(instanceId: "one");
        Assert.Equal(ErrorCode.None, (ErrorCode)joined.ErrorCode);
        Assert.StartsWith("one-", joined.MemberId);
        Assert.Equal("one", Assert.Single(joined.Members).GroupInstanceId);
    }

    [Fact]
    public async Task A_static_leader_that_comes_back_goes_on_without_a_rebalance()
    {
        await using var groups = await Coordination.StartAsync();
        var (old, generation) = await groups.StableOfOneAsync("one", assignment: [4]);
        var back = await groups.JoinAsync(instanceId: "one");
        Assert.NotEqual(old, back.MemberId);
        Assert.Equal((generation, back.MemberId, true), (back.GenerationId, back.Leader, back.SkipAssignment));
        Assert.Single(back.Members);
        Assert.Equal([4], (await groups.SyncAsync(back.MemberId, generation, "one")).Assignment);
        Assert.Equal(ErrorCode.None, groups.Beat(back.MemberId, generation, "one"));
    }

    [Fact]
    public async Task Clients_before_version_9_are_not_told_that_they_lead_when_they_come_back()
    {
        await using var groups = await Coordination.StartAsync();
        var (old, generation) = await groups.StableOfOneAsync("one", version: 8);
        var back = await groups.JoinAsync(instanceId: "one", version: 8);
        Assert.Equal((generation, old, false), (back.GenerationId, back.Leader, back.SkipAssignment));
        Assert.Empty(back.Members);
    }

    [Fact]
    public async Task The_former_life_of_a_static_member_is_fenced_everywhere()
    {
        await using var groups = await Coordination.StartAsync();
        var (old, generation) = await groups.StableOfOneAsync("one");
        await groups.JoinAsync(instanceId: "one");
        Assert.Equal(ErrorCode.FencedInstanceId, groups.Beat(old, generation, "one"));
        Assert.Equal(ErrorCode.FencedInstanceId, (ErrorCode)(await groups.SyncAsync(old, generation, "one")).ErrorCode);
        Assert.Equal(ErrorCode.FencedInstanceId, (ErrorCode)(await groups.JoinAsync(old, "one")).ErrorCode);
        Assert.Equal(ErrorCode.FencedInstanceId, await groups.CommitAsync(1, generation, old, "one"));
        Assert.Equal(ErrorCode.UnknownMemberId, groups.Beat(old, generation));
    }

    [Fact]
    public async Task A_second_process_with_the_instance_id_fences_the_first_while_it_waits()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.StableOfOneAsync();
        var first = groups.JoinAsync(instanceId: "one");
        var second = groups.JoinAsync(instanceId: "one");
        Assert.Equal(ErrorCode.FencedInstanceId, (ErrorCode)(await first).ErrorCode);
        Assert.False(second.IsCompleted);
        Assert.Equal(2, groups.Describe().Members.Length);
    }

    [Fact]
    public async Task Coming_back_with_another_protocol_choice_starts_a_rebalance()
    {
        await using var groups = await Coordination.StartAsync();
        var (_, generation) = await groups.StableOfOneAsync("one");
        var back = await groups.JoinAsync(instanceId: "one", protocols: [("sticky", 1), ("range", 1)]);
        Assert.Equal((generation + 1, "sticky", false), (back.GenerationId, back.ProtocolName, back.SkipAssignment));
    }

    [Fact]
    public async Task Coming_back_before_the_assignment_starts_over()
    {
        await using var groups = await Coordination.StartAsync();
        var first = await groups.JoinAsync(instanceId: "one");
        var back = await groups.JoinAsync(instanceId: "one");
        Assert.Equal(first.GenerationId + 1, back.GenerationId);
    }

    [Fact]
    public async Task A_static_member_outlasts_a_rebalance_that_it_misses()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.StableOfOneAsync("one", sessionMs: 60_000);
        var (_, waiting) = await groups.JoinNewAsync(sessionMs: 60_000);
        groups.Time.Advance(TimeSpan.FromSeconds(20));
        var joined = await waiting;
        Assert.Equal(joined.MemberId, joined.Leader);
        Assert.Equal(2, joined.Members.Length);
    }

    [Fact]
    public async Task An_administrator_removes_static_members_by_instance_id_one_by_one()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.StableOfOneAsync("one");
        var response = groups.Coordinator.Leave(Coordination.Context(5), new LeaveGroupRequest
        {
            GroupId = "g",
            Members =
            [
                new LeaveGroupRequest.MemberIdentity { GroupInstanceId = "one", Reason = "test" },
                new LeaveGroupRequest.MemberIdentity { GroupInstanceId = "two" },
                new LeaveGroupRequest.MemberIdentity { MemberId = "stranger" },
            ],
        });
        Assert.Equal(ErrorCode.None, (ErrorCode)response.ErrorCode);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.UnknownMemberId, ErrorCode.UnknownMemberId], response.Members.Select(m => (ErrorCode)m.ErrorCode));
        Assert.Equal(["one", "two", null], response.Members.Select(m => m.GroupInstanceId));
        Assert.Equal("Empty", groups.Describe().GroupState);
    }
}
