using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Groups;

public class LeavingTests
{
    [Fact]
    public async Task The_last_member_that_leaves_empties_the_group()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, _) = await groups.StableOfOneAsync();
        Assert.Equal(ErrorCode.None, groups.Leave(id));
        var described = groups.Describe();
        Assert.Equal(("Empty", "consumer"), (described.GroupState, described.ProtocolType));
        Assert.Equal(3, (await (await groups.JoinNewAsync()).Joined).GenerationId);
    }

    [Fact]
    public async Task The_others_rebalance_and_the_eldest_leads()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, follower, generation) = await groups.StableOfTwoAsync();
        Assert.Equal(ErrorCode.None, groups.Leave(leader));
        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(follower, generation));
        Assert.Equal(follower, (await groups.JoinAsync(follower)).Leader);
    }

    [Fact]
    public async Task Leaving_completes_a_rebalance_that_waits_for_the_leaver()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, follower, generation) = await groups.StableOfTwoAsync();
        var again = groups.JoinAsync(leader);
        Assert.False(again.IsCompleted);
        Assert.Equal(ErrorCode.None, groups.Leave(follower));
        Assert.Equal(generation + 1, (await again).GenerationId);
    }

    [Fact]
    public async Task Giving_up_a_reserved_id_completes_a_rebalance_but_starts_none()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, generation) = await groups.StableOfOneAsync();
        var reserved = (await groups.JoinAsync()).MemberId;
        Assert.Equal(ErrorCode.None, groups.Leave(reserved));
        Assert.Equal(ErrorCode.None, groups.Beat(leader, generation));
        reserved = (await groups.JoinAsync()).MemberId;
        var again = groups.JoinAsync(leader);
        Assert.False(again.IsCompleted);
        Assert.Equal(ErrorCode.None, groups.Leave(reserved));
        Assert.Equal(generation + 1, (await again).GenerationId);
    }

    [Fact]
    public async Task Requests_of_a_leaver_that_wait_are_answered()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, alone) = await groups.JoinNewAsync();
        await alone;
        var (follower, second) = await groups.JoinNewAsync();
        await groups.JoinAsync(leader);
        var sync = groups.SyncAsync(follower, (await second).GenerationId);
        Assert.Equal(ErrorCode.None, groups.Leave(follower));
        Assert.Equal(ErrorCode.UnknownMemberId, (ErrorCode)(await sync).ErrorCode);
        var join = groups.JoinAsync(version: 3);
        var newcomer = groups.Describe().Members[^1].MemberId;
        Assert.Equal(ErrorCode.None, groups.Leave(newcomer));
        Assert.Equal(ErrorCode.UnknownMemberId, (ErrorCode)(await join).ErrorCode);
    }

    [Fact]
    public async Task Errors_before_version_3_are_those_of_the_one_member()
    {
        await using var groups = await Coordination.StartAsync();
        Assert.Equal(ErrorCode.UnknownMemberId, groups.Leave("stranger"));
        Assert.Equal(ErrorCode.InvalidGroupId, groups.Leave("stranger", ""));
        var response = groups.Coordinator.Leave(
            Coordination.Context(3),
            new LeaveGroupRequest { GroupId = "none", Members = [new LeaveGroupRequest.MemberIdentity { MemberId = "m" }] });
        Assert.Equal((0, (short)ErrorCode.UnknownMemberId), (response.ErrorCode, Assert.Single(response.Members).ErrorCode));
    }
}
