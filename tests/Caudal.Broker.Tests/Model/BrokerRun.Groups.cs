using System.Text;
using Caudal.Broker.Tests.Support;
using Caudal.Broker.Tests.Transactions;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Model;

/// <content>Offsets, and one classic group whose members come, go and are replaced.</content>
internal sealed partial class BrokerRun
{
    private const string Members = "members";

    // Of two commits the one counts that was made later, even if its transaction ended earlier.
    private readonly Dictionary<(string Group, string Topic), (long Offset, int Order)> _offsets = [];
    private int _commits;
    private readonly List<Member> _members = [];
    private int _generation;
    private int _instances;

    private async Task CommitOffsetAsync()
    {
        var (group, topic) = ($"group-{random.Next(4)}", random.Next(2) == 0 ? "plain" : "gone");
        var offset = random.Next(1000);
        Trace.Add($"commit {offset} of {topic} in {group}");
        Assert.Equal(ErrorCode.None, await CommitAsync(group, topic, offset));
        _offsets[(group, topic)] = (offset, ++_commits);
    }

    private async Task CommitAsMemberAsync()
    {
        if (_members.Count == 0)
            return;
        var member = _members[random.Next(_members.Count)];
        Assert.Equal(ErrorCode.UnknownMemberId, await CommitAsync(Members, "plain", 1));
        Assert.Equal(ErrorCode.IllegalGeneration, await CommitAsync(Members, "plain", 1, _generation + 1, member));
        var offset = random.Next(1000);
        Assert.Equal(ErrorCode.None, await CommitAsync(Members, "plain", offset, _generation, member));
        Trace.Add($"member commits {offset}");
        _offsets[(Members, "plain")] = (offset, ++_commits);
    }

    private async Task<ErrorCode> CommitAsync(string group, string topic, long offset, int generation = -1, Member? member = null)
    {
        var response = await _client.SendAsync(
            new OffsetCommitRequest
            {
                GroupId = group,
                GenerationIdOrMemberEpoch = generation,
                MemberId = member?.Id ?? "",
                GroupInstanceId = member?.Instance,
                Topics = [new() { Name = topic, Partitions = [new() { CommittedOffset = offset, CommittedMetadata = "" }] }],
            },
            8);
        return (ErrorCode)response.Topics[0].Partitions[0].ErrorCode;
    }

    private async Task CheckGroupsAsync()
    {
        foreach (var topic in new[] { "plain", "gone" })
        {
            foreach (var group in Enumerable.Range(0, 4).Select(i => $"group-{i}").Append(Members))
            {
                var pending = topic == "plain" && _producers.Exists(p => p.Group == group && p.PendingOffset is not null);
                var (offset, error) = await _client.FetchOffsetAsync(group, topic);
                Assert.Equal(pending ? ErrorCode.UnstableOffsetCommit : ErrorCode.None, error);
                if (!pending)
                    Assert.Equal(_offsets.GetValueOrDefault((group, topic), (-1, 0)).Offset, offset);
            }
        }

        await BeatAllAsync(ErrorCode.None);
        var described = (await _client.SendAsync(new DescribeGroupsRequest { Groups = [Members] })).Groups[0];
        Assert.Equal(
            _members.Select(m => (m.Id, m.Assignment)).Order(),
            described.Members.Select(m => (m.MemberId, Encoding.UTF8.GetString(m.MemberAssignment))).Order());
    }

    private async Task BeatAllAsync(ErrorCode expected)
    {
        foreach (var member in _members)
            Assert.Equal(expected, await BeatAsync(member.Id, member.Instance));
    }

    private async Task<ErrorCode> BeatAsync(string id, string? instance) => (ErrorCode)(await _client.SendAsync(
        new HeartbeatRequest { GroupId = Members, GenerationId = _generation, MemberId = id, GroupInstanceId = instance })).ErrorCode;

    private async Task AddMemberAsync()
    {
        if (_members.Count >= 4)
            return;
        var member = new Member(random.Next(2) == 0 ? $"instance-{_instances++}" : null);
        member.Client = await TestClient.ConnectAsync(_broker);
        Trace.Add($"member {member.Instance ?? "dynamic"} joins");
        if (member.Instance is null)
        {
            var named = await member.Client.SendAsync(JoinOf(member));
            Assert.Equal(ErrorCode.MemberIdRequired, (ErrorCode)named.ErrorCode);
            member.Id = named.MemberId;
        }

        await member.Client.PostAsync(JoinOf(member));
        if (_members.Count > 0)
            await WaitForStateAsync("PreparingRebalance");
        await RebalanceAsync(posted: member);
    }

    private async Task RemoveMemberAsync()
    {
        if (_members.Count == 0)
            return;
        var member = _members[random.Next(_members.Count)];
        Trace.Add($"member {member.Instance ?? "dynamic"} leaves");
        _members.Remove(member);
        var left = await _client.SendAsync(new LeaveGroupRequest
        {
            GroupId = Members,
            Members = [new() { MemberId = member.Instance is null ? member.Id : "", GroupInstanceId = member.Instance }],
        });
        Assert.Equal((0, 0), (left.ErrorCode, left.Members[0].ErrorCode));
        await member.Client.DisposeAsync();
        await BeatAllAsync(ErrorCode.RebalanceInProgress);
        Assert.Equal(ErrorCode.UnknownMemberId, await BeatAsync(member.Id, member.Instance));
        if (_members.Count > 0)
            await RebalanceAsync(posted: null);
    }

    // Its process starts anew and gets back what it had (KIP-345).
    private async Task ReplaceStaticMemberAsync()
    {
        if (_members.Find(m => m.Instance is not null) is not { } member)
            return;
        var former = member.Id;
        member.Id = "";
        var joined = await member.Client.SendAsync(JoinOf(member));
        Trace.Add($"member {member.Instance} is replaced");
        Assert.Equal((ErrorCode.None, _generation), ((ErrorCode)joined.ErrorCode, joined.GenerationId));
        Assert.NotEqual(former, joined.MemberId);
        member.Id = joined.MemberId;
        Assert.Equal(ErrorCode.FencedInstanceId, await BeatAsync(former, member.Instance));
        var synced = await member.Client.SendAsync(SyncOf(member, []));
        Assert.Equal(member.Assignment, Encoding.UTF8.GetString(synced.Assignment));
    }

    private async Task RebalanceAsync(Member? posted)
    {
        foreach (var member in _members)
            await member.Client.PostAsync(JoinOf(member));
        if (posted is not null)
            _members.Add(posted);
        var joins = new List<JoinGroupResponse>();
        foreach (var member in _members)
        {
            var join = await member.Client.ReceiveAsync<JoinGroupRequest, JoinGroupResponse>(JoinGroupRequest.MaxVersion);
            Assert.Equal(ErrorCode.None, (ErrorCode)join.ErrorCode);
            member.Id = join.MemberId;
            joins.Add(join);
        }

        var generation = Assert.Single(joins.Select(j => j.GenerationId).Distinct());
        // A group that is empty and has no offsets is forgotten after a while, its generation with it.
        if (_members.Count > 1 || posted is null)
            Assert.True(generation > _generation, $"Generation {generation} follows {_generation}.");
        _generation = generation;
        var leader = Assert.Single(joins.Select(j => j.Leader).Distinct());
        Assert.All(joins, j => Assert.Equal(j.MemberId == leader ? _members.Count : 0, j.Members.Length));
        foreach (var member in _members)
        {
            member.Assignment = $"{member.Instance ?? member.Id} in {generation}";
            await member.Client.PostAsync(SyncOf(member, member.Id == leader ? _members : []));
        }

        foreach (var member in _members)
        {
            var sync = await member.Client.ReceiveAsync<SyncGroupRequest, SyncGroupResponse>(SyncGroupRequest.MaxVersion);
            Assert.Equal(ErrorCode.None, (ErrorCode)sync.ErrorCode);
        }

        // Assignments are handed out with the last member's id: all of them are known by then.
        await CheckGroupsAsync();
    }

    private async Task MembersAreGoneAsync()
    {
        if (_members.Count > 0)
            await WaitForStateAsync("Empty");
        await BeatAllAsync(ErrorCode.UnknownMemberId);
        await DisconnectMembersAsync();
        _members.Clear();
    }

    private async Task DisconnectMembersAsync()
    {
        foreach (var member in _members)
            await member.Client.DisposeAsync();
    }

    private async Task ReconnectMembersAsync()
    {
        foreach (var member in _members)
            member.Client = await TestClient.ConnectAsync(_broker);
        await BeatAllAsync(ErrorCode.None);
    }

    private async Task WaitForStateAsync(string state)
    {
        while ((await _client.SendAsync(new DescribeGroupsRequest { Groups = [Members] })).Groups[0].GroupState != state)
            await Task.Yield();
    }

    private static JoinGroupRequest JoinOf(Member member) => new()
    {
        GroupId = Members,
        SessionTimeoutMs = 300_000,
        RebalanceTimeoutMs = 300_000,
        MemberId = member.Id,
        GroupInstanceId = member.Instance,
        ProtocolType = "consumer",
        Protocols = [new() { Name = "range", Metadata = [1, 2, 3] }],
    };

    private SyncGroupRequest SyncOf(Member member, List<Member> assigned) => new()
    {
        GroupId = Members,
        GenerationId = _generation,
        MemberId = member.Id,
        GroupInstanceId = member.Instance,
        ProtocolType = "consumer",
        ProtocolName = "range",
        Assignments =
        [
            .. assigned.Select(m => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = m.Id,
                Assignment = Encoding.UTF8.GetBytes($"{m.Instance ?? m.Id} in {_generation}"),
            }),
        ],
    };

    private sealed class Member(string? instance)
    {
        public string? Instance => instance;

        public string Id { get; set; } = "";

        public string Assignment { get; set; } = "";

        public TestClient Client { get; set; } = null!;
    }
}
