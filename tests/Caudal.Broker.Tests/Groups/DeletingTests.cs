using Caudal.Broker.Groups;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Groups;

public class DeletingTests
{
    private static async Task<ErrorCode> DeleteAsync(Coordination groups, string group = "g")
    {
        var request = new DeleteGroupsRequest { GroupsNames = [group, group] };
        var response = await groups.Coordinator.DeleteAsync(Coordination.Context(2), request);
        return (ErrorCode)Assert.Single(response.Results).ErrorCode;
    }

    [Fact]
    public async Task A_deleted_group_and_its_offsets_do_not_come_back()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, _) = await groups.StableOfOneAsync();
        await groups.CommitAsync(1, 1, id);
        groups.Leave(id);
        Assert.Equal(ErrorCode.None, await DeleteAsync(groups));
        Assert.Equal(("Dead", -1L), (groups.Describe().GroupState, groups.Committed()));
        await using var restarted = await groups.RestartAsync();
        Assert.Equal(("Dead", -1L), (restarted.Describe().GroupState, restarted.Committed()));
    }

    [Fact]
    public async Task Only_empty_groups_that_exist_are_deleted()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.StableOfOneAsync();
        Assert.Equal(ErrorCode.NonEmptyGroup, await DeleteAsync(groups));
        Assert.Equal(ErrorCode.GroupIdNotFound, await DeleteAsync(groups, "none"));
        Assert.Equal(ErrorCode.GroupIdNotFound, await DeleteAsync(groups, ""));
    }

    [Fact]
    public async Task A_group_whose_deletion_cannot_be_written_is_still_there()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.CommitAsync(4);
        groups.Log.Error = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, await DeleteAsync(groups));
        Assert.Equal(("Empty", 4L), (groups.Describe().GroupState, groups.Committed()));
    }

    [Fact]
    public async Task Offsets_of_a_group_expire_seven_days_after_its_last_member_left()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, generation) = await groups.StableOfOneAsync(sessionMs: 1_800_000);
        await groups.CommitAsync(1, generation, id);
        for (var i = 0; i < 24 * 4 * 8; i++)
        {
            groups.Time.Advance(TimeSpan.FromMinutes(15));
            Assert.Equal(ErrorCode.None, groups.Beat(id, generation));
        }

        groups.Leave(id);
        Advance(groups, TimeSpan.FromDays(7) - TimeSpan.FromMinutes(15));
        Assert.Equal(1, groups.Committed());
        Advance(groups, TimeSpan.FromMinutes(30));
        Assert.Equal(("Dead", -1L), (groups.Describe().GroupState, groups.Committed()));
        await using var restarted = await groups.RestartAsync();
        Assert.Equal("Dead", restarted.Describe().GroupState);
    }

    [Fact]
    public async Task Offsets_of_a_group_that_never_had_members_expire_one_by_one()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.CommitAsync(1);
        Advance(groups, TimeSpan.FromDays(4));
        await groups.CommitAsync(2, partition: 1);
        Advance(groups, TimeSpan.FromDays(4));
        await groups.CommitAsync(3, partition: 2);
        Assert.Equal((-1L, 2L), (groups.Committed(), groups.Committed(partition: 1)));
        Assert.Equal("Empty", groups.Describe().GroupState);
    }

    [Fact]
    public async Task A_retention_of_the_clients_own_counts_and_survives_a_restart()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.CommitAsync(1, version: 2, retentionMs: 3_600_000);
        await groups.CommitAsync(2, partition: 1);
        await using var restarted = await groups.RestartAsync();
        Assert.Equal(1, restarted.Committed());
        Advance(restarted, TimeSpan.FromHours(2));
        await restarted.CommitAsync(3, partition: 2);
        Assert.Equal((-1L, 2L), (restarted.Committed(), restarted.Committed(partition: 1)));
    }

    [Fact]
    public async Task A_stable_group_keeps_only_offsets_of_topics_that_it_subscribes_to()
    {
        await using var groups = await Coordination.StartAsync(new GroupCoordinatorOptions { OffsetsRetention = TimeSpan.FromMinutes(20) });
        var subscription = Subscription("orders");
        var first = await groups.Coordinator.JoinAsync(Coordination.Context(3), new JoinGroupRequest
        {
            GroupId = "g",
            SessionTimeoutMs = 1_800_000,
            RebalanceTimeoutMs = 1000,
            ProtocolType = "consumer",
            Protocols = [new JoinGroupRequest.JoinGroupRequestProtocol { Name = "range", Metadata = subscription }],
        });
        await groups.SyncAsync(first.MemberId, 1, assignments: [(first.MemberId, [1])]);
        await groups.CommitAsync(1, 1, first.MemberId);
        await groups.CommitAsync(2, 1, first.MemberId, topic: "payments");
        Advance(groups, TimeSpan.FromMinutes(25));
        Assert.Equal(ErrorCode.None, await groups.CommitAsync(3, 1, first.MemberId, partition: 1));
        Assert.Equal((1L, -1L), (groups.Committed(), groups.Committed("payments")));
    }

    private static byte[] Subscription(string topic)
    {
        using var frame = new FrameBuffer();
        frame.BeginFrame();
        var writer = new KafkaWriter(frame);
        writer.WriteInt16(3);
        new ConsumerProtocolSubscription { Topics = [topic] }.Write(ref writer, 3);
        writer.Flush();
        return frame.ToArray()[4..];
    }

    private static void Advance(Coordination groups, TimeSpan time)
    {
        for (var step = TimeSpan.FromMinutes(5); time > TimeSpan.Zero; time -= step)
            groups.Time.Advance(step);
    }
}
