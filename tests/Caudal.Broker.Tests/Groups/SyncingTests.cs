using Caudal.Protocol;

namespace Caudal.Broker.Tests.Groups;

public class SyncingTests
{
    [Fact]
    public async Task Assignments_reach_their_members_unmodified()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, alone) = await groups.JoinNewAsync();
        await alone;
        var (follower, second) = await groups.JoinNewAsync();
        await groups.JoinAsync(leader);
        var generation = (await second).GenerationId;
        var waiting = groups.SyncAsync(follower, generation);
        Assert.False(waiting.IsCompleted);
        var mine = await groups.SyncAsync(leader, generation, assignments: [(leader, [0, 255]), (follower, [7])]);
        Assert.Equal([0, 255], mine.Assignment);
        var theirs = await waiting;
        Assert.Equal([7], theirs.Assignment);
        Assert.Equal(("consumer", "range"), (theirs.ProtocolType, theirs.ProtocolName));
    }

    [Fact]
    public async Task A_member_that_the_leader_forgot_gets_an_empty_assignment()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, alone) = await groups.JoinNewAsync();
        await alone;
        var (follower, second) = await groups.JoinNewAsync();
        await groups.JoinAsync(leader);
        var generation = (await second).GenerationId;
        await groups.SyncAsync(leader, generation, assignments: [(leader, [1]), ("stranger", [2])]);
        var late = await groups.SyncAsync(follower, generation);
        Assert.Equal(ErrorCode.None, (ErrorCode)late.ErrorCode);
        Assert.Empty(late.Assignment);
    }

    [Fact]
    public async Task A_sync_must_fit_the_group()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, generation) = await groups.StableOfOneAsync();
        async Task<ErrorCode> Sync(string member, int g, string? protocol = null, string? type = null, string group = "g") =>
            (ErrorCode)(await groups.SyncAsync(member, g, protocol: protocol, type: type, group: group)).ErrorCode;
        Assert.Equal(ErrorCode.InvalidGroupId, await Sync(id, generation, group: ""));
        Assert.Equal(ErrorCode.UnknownMemberId, await Sync(id, generation, group: "other"));
        Assert.Equal(ErrorCode.UnknownMemberId, await Sync("stranger", generation));
        Assert.Equal(ErrorCode.IllegalGeneration, await Sync(id, generation + 1));
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, await Sync(id, generation, protocol: "sticky"));
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, await Sync(id, generation, type: "connect"));
        Assert.Equal(ErrorCode.None, await Sync(id, generation, "range", "consumer"));
    }

    [Fact]
    public async Task A_sync_during_a_rebalance_is_sent_back()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, generation) = await groups.StableOfOneAsync();
        await groups.JoinNewAsync();
        Assert.Equal(ErrorCode.RebalanceInProgress, (ErrorCode)(await groups.SyncAsync(id, generation)).ErrorCode);
    }

    [Fact]
    public async Task Assignments_are_handed_out_only_once_they_are_in_the_log()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, joined) = await groups.JoinNewAsync();
        await joined;
        groups.Log.Hold();
        var sync = groups.SyncAsync(id, 1, assignments: [(id, [1])]);
        Assert.Equal("CompletingRebalance", groups.Describe().GroupState);
        Assert.False(sync.IsCompleted);
        groups.Log.Release();
        Assert.Equal([1], (await sync).Assignment);
        Assert.Equal("Stable", groups.Describe().GroupState);
    }

    [Fact]
    public async Task A_rebalance_overtakes_an_assignment_that_is_being_written()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, joined) = await groups.JoinNewAsync();
        await joined;
        groups.Log.Hold();
        var sync = groups.SyncAsync(id, 1, assignments: [(id, [1])]);
        var (_, waiting) = await groups.JoinNewAsync();
        Assert.Equal(ErrorCode.RebalanceInProgress, (ErrorCode)(await sync).ErrorCode);
        groups.Log.Release();
        await groups.JoinAsync(id);
        Assert.Equal(2, (await waiting).GenerationId);
        Assert.Equal("CompletingRebalance", groups.Describe().GroupState);
    }

    [Fact]
    public async Task A_failed_write_of_the_assignment_sends_the_members_back_to_join()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, joined) = await groups.JoinNewAsync();
        await joined;
        groups.Log.Error = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (ErrorCode)(await groups.SyncAsync(id, 1, assignments: [(id, [1])])).ErrorCode);
        Assert.Equal("PreparingRebalance", groups.Describe().GroupState);
        groups.Log.Error = ErrorCode.None;
        Assert.Equal(2, (await groups.JoinAsync(id)).GenerationId);
    }

    [Fact]
    public async Task Heartbeats_tell_the_state_of_the_group()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, joined) = await groups.JoinNewAsync();
        await joined;
        Assert.Equal(ErrorCode.None, groups.Beat(id, 1));
        await groups.SyncAsync(id, 1, assignments: [(id, [1])]);
        Assert.Equal(ErrorCode.None, groups.Beat(id, 1));
        Assert.Equal(ErrorCode.IllegalGeneration, groups.Beat(id, 2));
        Assert.Equal(ErrorCode.UnknownMemberId, groups.Beat("stranger", 1));
        Assert.Equal(ErrorCode.UnknownMemberId, groups.Beat(id, 1, group: "other"));
        Assert.Equal(ErrorCode.InvalidGroupId, groups.Beat(id, 1, group: ""));
        await groups.JoinNewAsync();
        Assert.Equal(ErrorCode.RebalanceInProgress, groups.Beat(id, 1));
        Assert.Equal(ErrorCode.None, groups.Leave(id));
        Assert.Equal(ErrorCode.UnknownMemberId, groups.Beat(id, 1));
    }
}
