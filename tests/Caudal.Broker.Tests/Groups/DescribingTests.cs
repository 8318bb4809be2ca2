using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Groups;

public class DescribingTests
{
    [Fact]
    public async Task A_stable_group_is_described_with_its_members()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, _) = await groups.StableOfOneAsync(assignment: [3, 4]);
        var described = groups.Describe();
        Assert.Equal(
            ("g", "Stable", "consumer", "range"),
            (described.GroupId, described.GroupState, described.ProtocolType, described.ProtocolData));
        var member = Assert.Single(described.Members);
        Assert.Equal((id, "client", "/127.0.0.1"), (member.MemberId, member.ClientId, member.ClientHost));
        Assert.Equal([1], member.MemberMetadata);
        Assert.Equal([3, 4], member.MemberAssignment);
        Assert.Equal(int.MinValue, described.AuthorizedOperations);
    }

    [Fact]
    public async Task Members_of_an_unstable_group_are_described_without_metadata()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.StableOfOneAsync();
        await groups.JoinNewAsync();
        var described = groups.Describe();
        Assert.Equal(("PreparingRebalance", ""), (described.GroupState, described.ProtocolData));
        Assert.Equal(2, described.Members.Length);
        Assert.All(described.Members, m => Assert.Empty(m.MemberMetadata));
    }

    [Fact]
    public async Task An_unknown_group_is_dead_and_from_version_6_on_an_error()
    {
        await using var groups = await Coordination.StartAsync();
        Assert.Equal(("Dead", 0, null), (groups.Describe().GroupState, groups.Describe().ErrorCode, groups.Describe().ErrorMessage));
        var modern = groups.Describe(version: 6);
        Assert.Equal((short)ErrorCode.GroupIdNotFound, modern.ErrorCode);
        Assert.Equal("Group g not found.", modern.ErrorMessage);
    }

    [Fact]
    public async Task Operations_are_told_when_asked_for()
    {
        await using var groups = await Coordination.StartAsync();
        var request = new DescribeGroupsRequest { Groups = ["g"], IncludeAuthorizedOperations = true };
        var response = groups.Coordinator.Describe(Coordination.Context(3), request);
        Assert.Equal(3400, response.Groups[0].AuthorizedOperations);
    }

    [Fact]
    public async Task Groups_are_listed_by_state_and_type()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.StableOfOneAsync();
        await groups.CommitAsync(1, group: "simple");
        string[] List(string[]? states = null, string[]? types = null) =>
            [.. groups.Coordinator
                .List(Coordination.Context(5), new ListGroupsRequest { StatesFilter = states ?? [], TypesFilter = types ?? [] })
                .Groups.Select(g => $"{g.GroupId}:{g.ProtocolType}:{g.GroupState}:{g.GroupType}").Order()];
        Assert.Equal(["g:consumer:Stable:classic", "simple::Empty:classic"], List());
        Assert.Equal(["g:consumer:Stable:classic"], List(["stable", "Dead"]));
        Assert.Equal(2, List(types: ["Classic"]).Length);
        Assert.Empty(List(types: ["consumer"]));
        Assert.Empty(List(["PreparingRebalance"]));
    }
}
