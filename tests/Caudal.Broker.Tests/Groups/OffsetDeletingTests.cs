using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Groups;

public class OffsetDeletingTests
{
    // A subscription of version 0 to one topic: version, topics, no user data.
    private static readonly byte[] ToOrders = [0, 0, 0, 0, 0, 1, 0, 6, .. "orders"u8, 255, 255, 255, 255];

    [Fact]
    public async Task Deleted_offsets_do_not_come_back()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.CommitAsync(4);
        await groups.CommitAsync(5, partition: 1);

        Assert.Equal((ErrorCode.None, ErrorCode.None), await DeleteAsync(groups, "orders"));
        Assert.Equal((-1L, 5L), (groups.Committed(), groups.Committed(partition: 1)));
        // What is not there is no error.
        Assert.Equal((ErrorCode.None, ErrorCode.None), await DeleteAsync(groups, "orders"));
        await using var restarted = await groups.RestartAsync();
        Assert.Equal((-1L, 5L), (restarted.Committed(), restarted.Committed(partition: 1)));
    }

    [Fact]
    public async Task Members_keep_the_offsets_of_what_they_read()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, generation) = await JoinAsync(groups, "consumer", ToOrders);
        await groups.CommitAsync(4, generation, id);
        await groups.CommitAsync(5, generation, id, topic: "payments");

        Assert.Equal((ErrorCode.None, ErrorCode.GroupSubscribedToTopic), await DeleteAsync(groups, "orders"));
        Assert.Equal((ErrorCode.None, ErrorCode.None), await DeleteAsync(groups, "payments"));
        Assert.Equal((4L, -1L), (groups.Committed(), groups.Committed("payments")));
    }

    [Fact]
    public async Task What_members_of_other_protocols_read_nobody_knows()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, _) = await JoinAsync(groups, "connect", [1]);

        Assert.Equal(ErrorCode.NonEmptyGroup, (await DeleteAsync(groups, "orders")).Group);
        groups.Leave(id);
        Assert.Equal((ErrorCode.None, ErrorCode.None), await DeleteAsync(groups, "orders"));
    }

    [Fact]
    public async Task A_subscription_that_cannot_be_read_keeps_everything()
    {
        await using var groups = await Coordination.StartAsync();
        await JoinAsync(groups, "consumer", [9]);

        Assert.Equal((ErrorCode.None, ErrorCode.GroupSubscribedToTopic), await DeleteAsync(groups, "payments"));
    }

    [Fact]
    public async Task Groups_and_partitions_must_exist_and_the_log_must_take_it()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.CommitAsync(4);

        Assert.Equal(ErrorCode.GroupIdNotFound, (await DeleteAsync(groups, "orders", group: "none")).Group);
        Assert.Equal(ErrorCode.InvalidGroupId, (await DeleteAsync(groups, "orders", group: "")).Group);
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownTopicOrPartition), await DeleteAsync(groups, "none"));
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownTopicOrPartition), await DeleteAsync(groups, "orders", partition: 4));
        groups.Log.Error = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await DeleteAsync(groups, "orders")).Group);
        Assert.Equal(4L, groups.Committed());
    }

    private static async Task<(string Id, int Generation)> JoinAsync(Coordination groups, string type, byte[] metadata)
    {
        var request = new JoinGroupRequest
        {
            GroupId = "g",
            SessionTimeoutMs = 10_000,
            RebalanceTimeoutMs = 10_000,
            ProtocolType = type,
            Protocols = [new() { Name = "p", Metadata = metadata }],
        };
        var joined = await groups.Coordinator.JoinAsync(Coordination.Context(3), request);
        await groups.SyncAsync(joined.MemberId, joined.GenerationId, assignments: [(joined.MemberId, [])]);
        return (joined.MemberId, joined.GenerationId);
    }

    private static async Task<(ErrorCode Group, ErrorCode? Partition)> DeleteAsync(
        Coordination groups, string topic, int partition = 0, string group = "g")
    {
        var response = await groups.Coordinator.DeleteOffsetsAsync(Coordination.Context(0), new OffsetDeleteRequest
        {
            GroupId = group,
            Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition }] }],
        });
        return ((ErrorCode)response.ErrorCode, (ErrorCode?)response.Topics.FirstOrDefault()?.Partitions[0].ErrorCode);
    }
}
