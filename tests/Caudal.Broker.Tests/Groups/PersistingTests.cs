using Caudal.Broker.Groups;
using Caudal.Broker.StateLogs;
using Caudal.Broker.Tests.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Groups;

public class PersistingTests
{
    // Written by Apache Kafka 4.3.1 for a console consumer of group g1 on topic t1, and for offsets that kafka-consumer-groups set for
    // group "simple".
    private const string OffsetKey = "0001000267310002743100000000";
    private const string OffsetValue = "000400000000000000030000000001000001a20d6db6490100104e7285231ba14c86945285480822d027";
    private const string GroupKey = "000200026731";
    private const string GroupValue =
        "00030008636f6e73756d657200000001000572616e6765002763632d36373863303839342d383235302d343639322d626135622d6661326132653037"
        + "31376236000001a20d6db38400000001002763632d36373863303839342d383235302d343639322d626135622d666132613265303731376236ffff00"
        + "026363000a2f3132372e302e302e31000493e00000afc80000001800030000000100027431ffffffff00000000ffffffffffff0000001a0003000000"
        + "0100027431000000020000000000000001ffffffff";

    private const string EmptyGroupValue = "00030008636f6e73756d657200000002ffffffff000001a20d6db67300000000";

    private static readonly Uuid TopicId = new(0x4e7285231ba14c86, unchecked((long)0x945285480822d027));

    [Fact]
    public void Offsets_are_encoded_as_Kafka_does()
    {
        var record = OffsetsRecords.Commit("g1", new PartitionKey("t1", 0), new CommittedOffset(3, 0, "", 0x1a20d6db649, TopicId));
        Assert.Equal(OffsetKey, Convert.ToHexStringLower(record.Key));
        Assert.Equal(OffsetValue, Convert.ToHexStringLower(record.Value!));
        Assert.Null(OffsetsRecords.DeleteOffset("g1", new PartitionKey("t1", 0), 1).Value);
        Assert.Equal(record.Key, OffsetsRecords.DeleteOffset("g1", new PartitionKey("t1", 0), 1).Key);
    }

    [Theory]
    [InlineData(GroupValue)]
    [InlineData(EmptyGroupValue)]
    public void Groups_are_encoded_as_Kafka_does(string hex)
    {
        var value = StateRecord.Decode<GroupMetadataValue>(Convert.FromHexString(hex));
        var record = OffsetsRecords.Store("g1", value, 1);
        Assert.Equal(GroupKey, Convert.ToHexStringLower(record.Key));
        Assert.Equal(hex, Convert.ToHexStringLower(record.Value!));
        Assert.Equal(record.Key, OffsetsRecords.DeleteGroup("g1", 1).Key);
    }

    [Fact]
    public async Task Groups_that_Kafka_wrote_are_read()
    {
        var log = new MemoryStateLog();
        log.Add(new StateRecord(Convert.FromHexString(OffsetKey), Convert.FromHexString(OffsetValue), 1));
        log.Add(new StateRecord(Convert.FromHexString(GroupKey), Convert.FromHexString(GroupValue), 1));
        var topics = new FakeTopics { All = { ["t1"] = (TopicId, 2) } };
        await using var groups = await Coordination.StartAsync(log: log, topics: topics);
        Assert.Equal(3, groups.Committed("t1", group: "g1"));
        var described = groups.Describe("g1");
        Assert.Equal(("Stable", "consumer", "range"), (described.GroupState, described.ProtocolType, described.ProtocolData));
        Assert.Equal(("cc", "/127.0.0.1"), (described.Members[0].ClientId, described.Members[0].ClientHost));
        Assert.Equal(26, described.Members[0].MemberAssignment.Length);
        Assert.Equal(ErrorCode.None, groups.Beat(described.Members[0].MemberId, 1, group: "g1"));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("g1", 42)]
    [InlineData("console-consumer-30419", 38)]
    [InlineData("polygenelubricants", 0)]
    public void A_groups_partition_follows_from_Javas_string_hash(string group, int expected) =>
        Assert.Equal(expected, GroupCoordinator.PartitionOf(group, 50));

    [Fact]
    public async Task Records_go_to_the_groups_partition()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.CommitAsync(1, group: "a");
        await groups.CommitAsync(1, group: "b");
        Assert.Equal(2, groups.Log.Records.Count());
        Assert.NotEqual(GroupCoordinator.PartitionOf("a", 3), GroupCoordinator.PartitionOf("b", 3));
    }

    [Fact]
    public async Task A_stable_group_goes_on_after_a_restart_with_fresh_sessions()
    {
        await using var groups = await Coordination.StartAsync();
        var (leader, follower, generation) = await groups.StableOfTwoAsync();
        await groups.CommitAsync(17, generation, leader);
        groups.Time.Advance(TimeSpan.FromMilliseconds(9_999));
        await using var restarted = await groups.RestartAsync();
        restarted.Time.Advance(TimeSpan.FromMilliseconds(9_999));
        Assert.Equal(ErrorCode.None, restarted.Beat(leader, generation));
        Assert.Equal(ErrorCode.None, restarted.Beat(follower, generation));
        Assert.Equal([2], (await restarted.SyncAsync(follower, generation)).Assignment);
        Assert.Equal(17, restarted.Committed());
        Assert.Equal(generation, (await restarted.JoinAsync(follower)).GenerationId);
    }

    [Fact]
    public async Task Members_that_are_gone_after_a_restart_time_out()
    {
        await using var groups = await Coordination.StartAsync();
        var (_, generation) = await groups.StableOfOneAsync();
        await using var restarted = await groups.RestartAsync();
        Assert.Equal("Stable", restarted.Describe().GroupState);
        restarted.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("Empty", restarted.Describe().GroupState);
        Assert.Equal(generation + 2, (await (await restarted.JoinNewAsync()).Joined).GenerationId);
    }

    [Fact]
    public async Task An_empty_group_keeps_its_generation_and_type_over_a_restart()
    {
        await using var groups = await Coordination.StartAsync();
        var (id, _) = await groups.StableOfOneAsync();
        groups.Leave(id);
        await using var restarted = await groups.RestartAsync();
        Assert.Equal(("Empty", "consumer"), (restarted.Describe().GroupState, restarted.Describe().ProtocolType));
        Assert.Equal(3, (await (await restarted.JoinNewAsync()).Joined).GenerationId);
    }

    [Fact]
    public async Task A_static_members_new_id_survives_a_restart()
    {
        await using var groups = await Coordination.StartAsync();
        var (old, generation) = await groups.StableOfOneAsync("one");
        var back = await groups.JoinAsync(instanceId: "one");
        await using var restarted = await groups.RestartAsync();
        Assert.Equal(ErrorCode.None, restarted.Beat(back.MemberId, generation, "one"));
        Assert.Equal(ErrorCode.FencedInstanceId, restarted.Beat(old, generation, "one"));
    }

    [Fact]
    public async Task Offsets_of_topics_that_are_gone_or_new_are_forgotten_at_the_start()
    {
        await using var groups = await Coordination.StartAsync();
        await groups.CommitAsync(1);
        await groups.CommitAsync(2, topic: "payments");
        groups.Topics.All.Remove("orders");
        groups.Topics.All["payments"] = (new Uuid(3, 3), 4);
        await using var restarted = await groups.RestartAsync();
        await restarted.CommitAsync(3, topic: "payments", partition: 1);
        Assert.Equal((-1L, -1L, 3L), (restarted.Committed(), restarted.Committed("payments"), restarted.Committed("payments", 1)));
    }

    [Fact]
    public async Task Records_that_cannot_be_read_are_skipped()
    {
        var log = new MemoryStateLog();
        log.Add(new StateRecord([], [1], 1));
        log.Add(new StateRecord([0, 3, 0, 1, 65], [0, 0], 1));
        log.Add(new StateRecord([0, 1, 0, 200], null, 1));
        log.Add(new StateRecord(OffsetsRecords.DeleteGroup("g", 1).Key, [0, 99], 1));
        log.Add(OffsetsRecords.Commit("g", new PartitionKey("orders", 0), new CommittedOffset(5, -1, "", 1, Uuid.Zero)));
        await using var groups = await Coordination.StartAsync(log: log);
        Assert.Equal(5, groups.Committed());
    }
}
