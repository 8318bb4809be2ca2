using Caudal.Broker.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Groups;

/// <summary>Offsets that are committed in transactions (KIP-98, KIP-447).</summary>
public sealed class TransactionalOffsetsTests
{
    [Fact]
    public async Task They_count_when_the_transaction_is_committed_and_not_before()
    {
        await using var c = await Coordination.StartAsync();
        await c.CommitAsync(3);
        Assert.Equal(ErrorCode.None, await CommitAsync(c, 7));
        Assert.Equal((3, ErrorCode.None), Fetch(c, stable: false));
        Assert.Equal((-1, ErrorCode.UnstableOffsetCommit), Fetch(c, stable: true));
        await EndAsync(c, commit: true);
        Assert.Equal((7, ErrorCode.None), Fetch(c, stable: true));
    }

    [Fact]
    public async Task They_are_dropped_when_the_transaction_is_aborted()
    {
        await using var c = await Coordination.StartAsync();
        await c.CommitAsync(3);
        await CommitAsync(c, 7);
        await EndAsync(c, commit: false);
        Assert.Equal((3, ErrorCode.None), Fetch(c, stable: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task They_wait_over_a_restart(bool commit)
    {
        await using var before = await Coordination.StartAsync();
        await before.CommitAsync(3);
        await CommitAsync(before, 7);
        await using var c = await before.RestartAsync();
        Assert.Equal((-1, ErrorCode.UnstableOffsetCommit), Fetch(c, stable: true));
        await EndAsync(c, commit);
        Assert.Equal((commit ? 7 : 3, ErrorCode.None), Fetch(c, stable: true));
        await using var again = await c.RestartAsync();
        Assert.Equal((commit ? 7 : 3, ErrorCode.None), Fetch(again, stable: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_commits_the_later_one_counts_whenever_the_marker_comes(bool restart)
    {
        await using var before = await Coordination.StartAsync();
        await CommitAsync(before, 7);
        await before.CommitAsync(9);
        await EndAsync(before, commit: true);
        await using var after = restart ? await before.RestartAsync() : null;
        Assert.Equal((9, ErrorCode.None), Fetch(after ?? before, stable: true));
    }

    [Fact]
    public async Task Two_producers_do_not_decide_for_each_other()
    {
        await using var c = await Coordination.StartAsync();
        await CommitAsync(c, 7, producer: 1);
        await CommitAsync(c, 8, producer: 2);
        await EndAsync(c, commit: false, producer: 2);
        Assert.Equal((-1, ErrorCode.UnstableOffsetCommit), Fetch(c, stable: true));
        await EndAsync(c, commit: true, producer: 1);
        Assert.Equal((7, ErrorCode.None), Fetch(c, stable: true));
    }

    [Fact]
    public async Task Who_names_a_generation_must_be_a_member_of_it()
    {
        await using var c = await Coordination.StartAsync();
        var (member, generation) = await c.StableOfOneAsync();
        Assert.Equal(ErrorCode.None, await CommitAsync(c, 1, generation, member));
        Assert.Equal(ErrorCode.IllegalGeneration, await CommitAsync(c, 2, generation - 1, member));
        Assert.Equal(ErrorCode.IllegalGeneration, await CommitAsync(c, 2, generation + 1, member));
        Assert.Equal(ErrorCode.UnknownMemberId, await CommitAsync(c, 2, generation, "somebody"));
        Assert.Equal(ErrorCode.UnknownMemberId, await CommitAsync(c, 2, generation, member, instance: "unknown"));
        Assert.Equal(ErrorCode.IllegalGeneration, await CommitAsync(c, 2, 5, "m", group: "no-such-group"));
        // Clients before KIP-447 name nothing.
        Assert.Equal(ErrorCode.None, await CommitAsync(c, 3));
    }

    [Fact]
    public async Task A_fenced_static_member_commits_nothing()
    {
        await using var c = await Coordination.StartAsync();
        var (former, generation) = await c.StableOfOneAsync("i");
        var again = await c.JoinAsync(instanceId: "i");
        Assert.NotEqual(former, again.MemberId);
        Assert.Equal(ErrorCode.FencedInstanceId, await CommitAsync(c, 2, generation, former, instance: "i"));
    }

    [Fact]
    public async Task Groups_partitions_and_metadata_are_checked()
    {
        await using var c = await Coordination.StartAsync();
        Assert.Equal(ErrorCode.InvalidGroupId, await CommitAsync(c, 1, group: ""));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await CommitAsync(c, 1, topic: "unknown"));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await CommitAsync(c, 1, partition: 4));
        Assert.Equal(ErrorCode.OffsetMetadataTooLarge, await CommitAsync(c, 1, metadata: new string('x', 4097)));
    }

    [Fact]
    public async Task A_look_up_that_is_out_of_date_is_not_relied_on()
    {
        await using var c = await Coordination.StartAsync();
        var seen = c.Coordinator.MarkerCount;
        await EndAsync(c, commit: false);
        Assert.Null(await SendAsync(c, Request(7), seen));
        Assert.Equal((-1, ErrorCode.None), Fetch(c, stable: true));
        Assert.NotNull(await SendAsync(c, Request(7), c.Coordinator.MarkerCount));
        // The transaction is open now: other markers do not matter.
        seen = c.Coordinator.MarkerCount;
        await EndAsync(c, commit: false, producer: 99);
        Assert.NotNull(await SendAsync(c, Request(8), seen));
    }

    [Fact]
    public async Task They_do_not_expire_while_they_wait_nor_does_their_group()
    {
        await using var c = await Coordination.StartAsync();
        await c.CommitAsync(3);
        await CommitAsync(c, 7);
        c.Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(3, c.Committed());
        await EndAsync(c, commit: false);
        c.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(-1, c.Committed());
    }

    [Fact]
    public async Task They_go_with_their_topic_and_with_their_group()
    {
        await using var c = await Coordination.StartAsync();
        await CommitAsync(c, 7);
        await c.Coordinator.OnTopicDeletedAsync("orders");
        await EndAsync(c, commit: true);
        Assert.Equal((-1, ErrorCode.None), Fetch(c, stable: true));

        await CommitAsync(c, 8);
        var deleted = await c.Coordinator.DeleteAsync(Coordination.Context(2), new() { GroupsNames = ["g"] });
        Assert.Equal(0, deleted.Results[0].ErrorCode);
        await EndAsync(c, commit: true);
        Assert.Equal((-1, ErrorCode.None), Fetch(c, stable: true));
        await using var after = await c.RestartAsync();
        Assert.Equal((-1, ErrorCode.None), Fetch(after, stable: true));
    }

    [Fact]
    public async Task A_log_that_refuses_is_told_and_nothing_waits()
    {
        await using var c = await Coordination.StartAsync();
        await c.CommitAsync(3);
        c.Log.Error = ErrorCode.InvalidProducerEpoch;
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await CommitAsync(c, 7));
        c.Log.Error = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, await CommitAsync(c, 7));
        Assert.Equal((3, ErrorCode.None), Fetch(c, stable: true));
    }

    private static TxnOffsetCommitRequest Request(
        long offset, int generation = -1, string member = "", string? instance = null, string group = "g", string topic = "orders",
        int partition = 0, string metadata = "", long producer = 5) => new()
        {
            TransactionalId = "x",
            GroupId = group,
            ProducerId = producer,
            ProducerEpoch = 0,
            GenerationId = generation,
            MemberId = member,
            GroupInstanceId = instance,
            Topics =
            [
                new()
                {
                    Name = topic,
                    Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset, CommittedMetadata = metadata }],
                },
            ],
        };

    private static ValueTask<TxnOffsetCommitResponse?> SendAsync(Coordination c, TxnOffsetCommitRequest request, long markers) =>
        c.Coordinator.CommitAsync(Coordination.Context(5), request, markers);

    private static async Task<ErrorCode> CommitAsync(
        Coordination c, long offset, int generation = -1, string member = "", string? instance = null, string group = "g",
        string topic = "orders", int partition = 0, string metadata = "", long producer = 5)
    {
        var request = Request(offset, generation, member, instance, group, topic, partition, metadata, producer);
        var response = await SendAsync(c, request, c.Coordinator.MarkerCount);
        return (ErrorCode)response!.Topics[0].Partitions[0].ErrorCode;
    }

    private static async Task EndAsync(Coordination c, bool commit, long producer = 5)
    {
        var partition = c.Coordinator.OffsetsPartitionOf("g").Partition;
        var marker = new TransactionMarker(producer, 0, commit, 0, false);
        Assert.Equal(ErrorCode.None, await c.Coordinator.EndTransactionAsync(partition, marker));
    }

    private static (long Offset, ErrorCode Error) Fetch(Coordination c, bool stable)
    {
        var partition = c.Coordinator.FetchOffsets(Coordination.Context(7), new OffsetFetchRequest
        {
            GroupId = "g",
            RequireStable = stable,
            Topics = [new() { Name = "orders", PartitionIndexes = [0] }],
        }).Topics[0].Partitions[0];
        // And in the versions for several groups.
        var batched = c.Coordinator.FetchOffsets(Coordination.Context(8), new OffsetFetchRequest
        {
            RequireStable = stable,
            Groups = [new() { GroupId = "g", Topics = [new() { Name = "orders", PartitionIndexes = [0] }] }],
        }).Groups[0].Topics[0].Partitions[0];
        Assert.Equal((partition.CommittedOffset, partition.ErrorCode), (batched.CommittedOffset, batched.ErrorCode));
        return (partition.CommittedOffset, (ErrorCode)partition.ErrorCode);
    }
}
