using System.Diagnostics.CodeAnalysis;
using Caudal.Broker.Groups;
using Caudal.Broker.Network;
using Caudal.Broker.Tests.StateLogs;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Broker.Tests.Groups;

/// <summary>A coordinator over a log in memory and a clock that only tests move, with short verbs for its requests.</summary>
internal sealed class Coordination : IAsyncDisposable
{
    private Coordination(GroupCoordinatorOptions options, MemoryStateLog log, FakeTopics topics, FakeTimeProvider time)
    {
        Options = options;
        Log = log;
        Topics = topics;
        Time = time;
        Coordinator = new GroupCoordinator(log, topics, options);
    }

    public GroupCoordinator Coordinator { get; }

    public GroupCoordinatorOptions Options { get; }

    public MemoryStateLog Log { get; }

    public FakeTopics Topics { get; }

    public FakeTimeProvider Time { get; }

    public static async ValueTask<Coordination> StartAsync(
        GroupCoordinatorOptions? options = null, MemoryStateLog? log = null, FakeTopics? topics = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        options = (options ?? new GroupCoordinatorOptions()) with { TimeProvider = time };
        return await StartAsync(options, log ?? new MemoryStateLog(), topics ?? new FakeTopics(), time);
    }

    /// <summary>Stops the coordinator and starts another one over the same log.</summary>
    public async ValueTask<Coordination> RestartAsync()
    {
        await Coordinator.DisposeAsync();
        return await StartAsync(Options, Log, Topics, Time);
    }

    public ValueTask DisposeAsync() => Coordinator.DisposeAsync();

    public static RequestContext Context(short version, CancellationTokenSource? connection = null) => new()
    {
        ClientId = "client",
        ClientHost = "/127.0.0.1",
        RemoteName = "127.0.0.1:1234",
        ApiVersion = version,
        CancellationToken = connection?.Token ?? CancellationToken.None,
    };

    public Task<JoinGroupResponse> JoinAsync(
        string memberId = "",
        string? instanceId = null,
        string group = "g",
        short version = 9,
        int sessionMs = 10_000,
        int rebalanceMs = 20_000,
        string type = "consumer",
        (string Name, byte Metadata)[]? protocols = null,
        CancellationTokenSource? connection = null) =>
        Coordinator.JoinAsync(Context(version, connection), new JoinGroupRequest
        {
            GroupId = group,
            MemberId = memberId,
            GroupInstanceId = instanceId,
            SessionTimeoutMs = sessionMs,
            RebalanceTimeoutMs = version == 0 ? -1 : rebalanceMs,
            ProtocolType = type,
            Protocols = Array.ConvertAll(
                protocols ?? [("range", 1)],
                p => new JoinGroupRequest.JoinGroupRequestProtocol { Name = p.Name, Metadata = [p.Metadata] }),
        }).AsTask();

    /// <summary>Joins as KIP-394 asks for: the first answer only gives the id.</summary>
    public async Task<(string Id, Task<JoinGroupResponse> Joined)> JoinNewAsync(
        int sessionMs = 10_000, int rebalanceMs = 20_000, (string, byte)[]? protocols = null)
    {
        var first = await JoinAsync(sessionMs: sessionMs, rebalanceMs: rebalanceMs, protocols: protocols);
        Assert.Equal(ErrorCode.MemberIdRequired, (ErrorCode)first.ErrorCode);
        return (first.MemberId, JoinAsync(first.MemberId, sessionMs: sessionMs, rebalanceMs: rebalanceMs, protocols: protocols));
    }

    public Task<SyncGroupResponse> SyncAsync(
        string memberId, int generation, string? instanceId = null, string? protocol = null, string? type = null, string group = "g",
        params (string Member, byte[] Assignment)[] assignments) =>
        Coordinator.SyncAsync(Context(5), new SyncGroupRequest
        {
            GroupId = group,
            MemberId = memberId,
            GenerationId = generation,
            GroupInstanceId = instanceId,
            ProtocolName = protocol,
            ProtocolType = type,
            Assignments = Array.ConvertAll(
                assignments, a => new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = a.Member, Assignment = a.Assignment }),
        }).AsTask();

    public ErrorCode Beat(string memberId, int generation, string? instanceId = null, string group = "g") =>
        (ErrorCode)Coordinator.Heartbeat(
            Context(4),
            new() { GroupId = group, MemberId = memberId, GenerationId = generation, GroupInstanceId = instanceId }).ErrorCode;

    public ErrorCode Leave(string memberId, string group = "g") =>
        (ErrorCode)Coordinator.Leave(Context(2), new LeaveGroupRequest { GroupId = group, MemberId = memberId }).ErrorCode;

    public async Task<ErrorCode> CommitAsync(
        long offset, int generation = -1, string memberId = "", string? instanceId = null, string topic = "orders", int partition = 0,
        string group = "g", short version = 9, string? metadata = "", long retentionMs = -1) =>
        (ErrorCode)(await Coordinator.CommitAsync(Context(version), new OffsetCommitRequest
        {
            GroupId = group,
            MemberId = memberId,
            GenerationIdOrMemberEpoch = generation,
            GroupInstanceId = instanceId,
            RetentionTimeMs = retentionMs,
            Topics =
            [
                new OffsetCommitRequest.OffsetCommitRequestTopic
                {
                    Name = topic,
                    Partitions =
                    [
                        new OffsetCommitRequest.OffsetCommitRequestPartition
                        {
                            PartitionIndex = partition, CommittedOffset = offset, CommittedLeaderEpoch = 7, CommittedMetadata = metadata,
                        },
                    ],
                },
            ],
        })).Topics[0].Partitions[0].ErrorCode;

    public long Committed(string topic = "orders", int partition = 0, string group = "g") =>
        Coordinator.FetchOffsets(Context(7), new OffsetFetchRequest
        {
            GroupId = group,
            Topics = [new OffsetFetchRequest.OffsetFetchRequestTopic { Name = topic, PartitionIndexes = [partition] }],
        }).Topics[0].Partitions[0].CommittedOffset;

    public DescribeGroupsResponse.DescribedGroup Describe(string group = "g", short version = 5) =>
        Coordinator.Describe(Context(version), new DescribeGroupsRequest { Groups = [group] }).Groups[0];

    /// <summary>Makes a stable group of one member, which is its leader.</summary>
    public async Task<(string Id, int Generation)> StableOfOneAsync(
        string? instanceId = null, short version = 9, int sessionMs = 10_000, byte[]? assignment = null)
    {
        var joined = instanceId is null
            ? await (await JoinNewAsync(sessionMs)).Joined
            : await JoinAsync(instanceId: instanceId, version: version, sessionMs: sessionMs);
        var synced = await SyncAsync(joined.MemberId, joined.GenerationId, instanceId, assignments: [(joined.MemberId, assignment ?? [9])]);
        Assert.Equal(ErrorCode.None, (ErrorCode)synced.ErrorCode);
        return (joined.MemberId, joined.GenerationId);
    }

    /// <summary>Makes a stable group of a leader and a follower.</summary>
    public async Task<(string Leader, string Follower, int Generation)> StableOfTwoAsync(
        int sessionMs = 10_000, (string, byte)[]? protocols = null)
    {
        var (leader, alone) = await JoinNewAsync(sessionMs, protocols: protocols);
        await alone;
        var (follower, second) = await JoinNewAsync(sessionMs, protocols: protocols);
        var again = await JoinAsync(leader, sessionMs: sessionMs, protocols: protocols);
        var generation = (await second).GenerationId;
        Assert.Equal(leader, again.Leader);
        var waiting = SyncAsync(follower, generation);
        await SyncAsync(leader, generation, assignments: [(leader, [1]), (follower, [2])]);
        Assert.Equal([2], (await waiting).Assignment);
        return (leader, follower, generation);
    }

    private static async ValueTask<Coordination> StartAsync(
        GroupCoordinatorOptions options, MemoryStateLog log, FakeTopics topics, FakeTimeProvider time)
    {
        var coordination = new Coordination(options, log, topics, time);
        await coordination.Coordinator.StartAsync(CancellationToken.None);
        return coordination;
    }
}

/// <summary>Topics by name: <c>orders</c> and <c>payments</c> with four partitions each, unless a test changes that.</summary>
internal sealed class FakeTopics : ITopicCatalog
{
    public Dictionary<string, (Uuid Id, int Partitions)> All { get; } = new()
    {
        ["orders"] = (new Uuid(1, 1), 4),
        ["payments"] = (new Uuid(2, 2), 4),
    };

    public bool TryGetTopic(string name, out Uuid id, out int partitions)
    {
        var found = All.TryGetValue(name, out var topic);
        (id, partitions) = topic;
        return found;
    }

    public bool TryGetName(Uuid id, [NotNullWhen(true)] out string? name)
    {
        name = All.FirstOrDefault(topic => topic.Value.Id == id).Key;
        return name is not null;
    }
}
