using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class GroupApisTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(9)]
    public async Task A_lone_member_joins_syncs_commits_and_leaves_in_every_version(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        var joined = await client.SendAsync(Join(""), version);
        if ((ErrorCode)joined.ErrorCode == ErrorCode.MemberIdRequired)
            joined = await client.SendAsync(Join(joined.MemberId), version);
        var sync = new SyncGroupRequest
        {
            GroupId = "g",
            GenerationId = 1,
            MemberId = joined.MemberId,
            Assignments = [new() { MemberId = joined.MemberId, Assignment = [7] }],
        };
        if (version >= 5)
            (sync.ProtocolType, sync.ProtocolName) = ("consumer", "range");
        var synced = await client.SendAsync(sync, Math.Min(version, SyncGroupRequest.MaxVersion));
        var beat = await client.SendAsync(
            new HeartbeatRequest { GroupId = "g", GenerationId = 1, MemberId = joined.MemberId },
            Math.Min(version, HeartbeatRequest.MaxVersion));
        var committed = await client.SendAsync(
            new OffsetCommitRequest
            {
                GroupId = "g",
                GenerationIdOrMemberEpoch = 1,
                MemberId = joined.MemberId,
                Topics = [new() { Name = "t", Partitions = [new() { CommittedOffset = 42, CommittedMetadata = "m" }] }],
            },
            Math.Max(version, OffsetCommitRequest.MinVersion));
        var left = await client.SendAsync(new LeaveGroupRequest { GroupId = "g", MemberId = joined.MemberId }, Math.Min(version, (short)2));

        Assert.Equal((ErrorCode.None, joined.MemberId), ((ErrorCode)joined.ErrorCode, joined.Leader));
        Assert.Equal((ErrorCode.None, 7), ((ErrorCode)synced.ErrorCode, synced.Assignment[0]));
        Assert.Equal(ErrorCode.None, (ErrorCode)beat.ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)committed.Topics[0].Partitions[0].ErrorCode);
        Assert.Equal(ErrorCode.None, (ErrorCode)left.ErrorCode);

        JoinGroupRequest Join(string member) => new()
        {
            GroupId = "g",
            SessionTimeoutMs = 10_000,
            RebalanceTimeoutMs = 10_000,
            MemberId = member,
            ProtocolType = "consumer",
            Protocols = [new() { Name = "range", Metadata = [1] }],
        };
    }

    [Fact]
    public async Task The_coordinator_is_this_broker_by_the_listeners_address()
    {
        await using var broker = await Brokers.StartAsync(new EmbeddedBrokerOptions());
        await using var client = await TestClient.ConnectBySocketAsync(broker);

        for (short version = 0; version <= 3; version++)
        {
            var found = await client.SendAsync(new FindCoordinatorRequest { Key = "g" }, version);
            Assert.Equal((ErrorCode.None, 1, "127.0.0.1", broker.Port), ((ErrorCode)found.ErrorCode, found.NodeId, found.Host, found.Port));
        }

        for (short version = 4; version <= 6; version++)
        {
            var found = await client.SendAsync(new FindCoordinatorRequest { CoordinatorKeys = ["g", "h"] }, version);
            Assert.Equal([("g", broker.Port), ("h", broker.Port)], found.Coordinators.Select(c => (c.Key, c.Port)));
        }
    }

    [Fact]
    public async Task Committed_offsets_survive_a_restart_and_die_with_their_topic()
    {
        using var directory = new TemporaryDirectory();
        var options = new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path };
        await using (var broker = await Brokers.StartAsync(options))
        await using (var client = await TestClient.ConnectAsync(broker))
        {
            await client.CreateTopicAsync("t");
            var commit = new OffsetCommitRequest
            {
                GroupId = "g",
                Topics = [new() { Name = "t", Partitions = [new() { CommittedOffset = 42, CommittedMetadata = "m" }] }],
            };
            Assert.Equal(0, (await client.SendAsync(commit, 8)).Topics[0].Partitions[0].ErrorCode);
        }

        await using var again = await Brokers.StartAsync(options);
        await using var reader = await TestClient.ConnectAsync(again);
        var before = await FetchAsync(reader);
        await reader.SendAsync(new DeleteTopicsRequest { Topics = [new() { Name = "t" }] });
        await reader.CreateTopicAsync("t");
        var after = await FetchAsync(reader);

        Assert.Equal((42L, "m"), before);
        Assert.Equal((-1L, ""), after);

        static async Task<(long, string?)> FetchAsync(TestClient client)
        {
            var request = new OffsetFetchRequest { GroupId = "g", Topics = [new() { Name = "t", PartitionIndexes = [0] }] };
            var partition = (await client.SendAsync(request, 7)).Topics[0].Partitions[0];
            return (partition.CommittedOffset, partition.Metadata);
        }
    }
}
