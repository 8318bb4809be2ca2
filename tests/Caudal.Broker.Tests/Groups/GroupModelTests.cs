using System.Text;
using Caudal.Broker.Groups;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Groups;

/// <summary>
/// Clients that join, sync, beat, commit, leave, vanish and come back at random, over a clock that jumps and a broker that restarts.
/// Whatever happens: a generation
/// has one leader and numbers only grow, every member of a stable group holds an assignment of its own from one generation, every request
/// is answered, and every
/// offset whose commit was acknowledged is there.
/// </summary>
public class GroupModelTests
{
    private const int Steps = 400;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Seeds))]
    public async Task A_group_stays_sound_whatever_its_members_do(int seed)
    {
        var random = new Random(seed);
        var options = new GroupCoordinatorOptions { InitialRebalanceDelayMs = random.Next(2) * 3_000 };
        var model = new Model(random, await Coordination.StartAsync(options));
        for (var step = 0; step < Steps; step++)
        {
            await model.StepAsync();
            await model.CheckAsync();
        }

        await model.EndAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Client(string? instanceId)
    {
        public string? InstanceId => instanceId;

        public string MemberId { get; set; } = "";

        public int Generation { get; set; }

        /// <summary>Which life of the broker its join was sent to.</summary>
        public int Era { get; set; }

        /// <summary>The era of its last join that was answered.</summary>
        public int JoinedEra { get; set; } = -1;

        public bool MustJoin { get; set; } = true;

        public Task<JoinGroupResponse>? Join { get; set; }

        public Task<SyncGroupResponse>? Sync { get; set; }

        public void Forget() => (MemberId, MustJoin, Join, Sync) = ("", true, null, null);
    }

    private sealed class Model(Random random, Coordination start)
    {
        private readonly Client[] _clients = [.. Enumerable.Range(0, 5).Select(i => new Client(i < 2 ? $"static{i}" : null))];
        private readonly Dictionary<int, string> _leaders = [];
        private readonly List<Task> _requests = [];
        private Coordination _groups = start;
        private int _era;
        private long _committed = -1;

        public async Task StepAsync()
        {
            var client = _clients[random.Next(_clients.Length)];
            switch (random.Next(100))
            {
                case < 10:
                    _groups.Time.Advance(TimeSpan.FromMilliseconds(random.Next(8_000)));
                    break;
                case < 13:
                    // It vanishes: nobody reads the answers to what it asked.
                    client.Forget();
                    break;
                case < 16:
                    if (client.MemberId.Length > 0)
                        _groups.Leave(client.MemberId);
                    client.Forget();
                    break;
                case < 17:
                    await RestartAsync();
                    break;
                default:
                    await ActAsync(client);
                    break;
            }
        }

        public async Task CheckAsync()
        {
            await BarrierAsync();
            Assert.Equal(_committed, _groups.Committed());
            var described = _groups.Describe();
            if (described.GroupState != "Stable")
                return;
            Assert.NotEmpty(described.Members);
            var generations = new HashSet<string>();
            foreach (var member in described.Members)
            {
                var parts = Encoding.UTF8.GetString(member.MemberAssignment).Split('|');
                Assert.Equal(member.GroupInstanceId ?? member.MemberId, parts[1]);
                generations.Add(parts[0]);
            }

            Assert.Single(generations);
        }

        public async Task EndAsync(CancellationToken cancellationToken)
        {
            // Whoever waits now waits for members that vanished: their time runs out.
            for (var i = 0; i < 60; i++)
            {
                await BarrierAsync();
                _groups.Time.Advance(TimeSpan.FromSeconds(10));
            }

            await Task.WhenAll(_requests).WaitAsync(cancellationToken);
            await RestartAsync();
            Assert.Equal(_committed, _groups.Committed());
            await _groups.DisposeAsync();
        }

        private async Task ActAsync(Client client)
        {
            if (client.Join is { } join)
            {
                if (join.IsCompleted)
                    Joined(client, await join);
            }
            else if (client.Sync is { } sync)
            {
                if (sync.IsCompleted)
                    Synced(client, await sync);
            }
            else if (client.MustJoin)
            {
                var metadata = (byte)random.Next(8) == 0 ? (byte)2 : (byte)1;
                client.Era = _era;
                client.Join = Track(_groups.JoinAsync(client.MemberId, client.InstanceId, protocols: [("range", metadata)]));
            }
            else if (random.Next(3) == 0)
            {
                await CommitAsync(client);
            }
            else
            {
                Follow(client, _groups.Beat(client.MemberId, client.Generation, client.InstanceId));
            }
        }

        private static byte[] Assignment(int generation, string member) => Encoding.UTF8.GetBytes($"{generation}|{member}");

        private void Joined(Client client, JoinGroupResponse response)
        {
            client.Join = null;
            if ((ErrorCode)response.ErrorCode != ErrorCode.None)
            {
                if ((ErrorCode)response.ErrorCode == ErrorCode.MemberIdRequired)
                    client.MemberId = response.MemberId;
                else
                    Follow(client, (ErrorCode)response.ErrorCode);
                return;
            }

            if (client.JoinedEra == client.Era)
                Assert.InRange(response.GenerationId, client.Generation, int.MaxValue);
            client.JoinedEra = client.Era;
            client.MemberId = response.MemberId;
            client.Generation = response.GenerationId;
            client.MustJoin = false;
            var leads = response.Leader == response.MemberId && !response.SkipAssignment;
            if (leads && client.Era == _era)
            {
                Assert.Equal(response.MemberId, _leaders.GetValueOrDefault(response.GenerationId, response.MemberId));
                _leaders[response.GenerationId] = response.MemberId;
                Assert.Contains(response.Members, m => m.MemberId == response.MemberId);
            }
            else if (!leads && !response.SkipAssignment)
            {
                Assert.Empty(response.Members);
            }

            client.Sync = Track(_groups.SyncAsync(client.MemberId, client.Generation, client.InstanceId, assignments: leads
                ? Array.ConvertAll(response.Members, m => (m.MemberId, Assignment(response.GenerationId, m.GroupInstanceId ?? m.MemberId)))
                : []));
        }

        private static void Synced(Client client, SyncGroupResponse response)
        {
            client.Sync = null;
            if ((ErrorCode)response.ErrorCode == ErrorCode.None)
                Assert.Equal(client.InstanceId ?? client.MemberId, Encoding.UTF8.GetString(response.Assignment).Split('|')[1]);
            else
                Follow(client, (ErrorCode)response.ErrorCode);
        }

        // What a consumer does about an error.
        private static void Follow(Client client, ErrorCode error)
        {
            switch (error)
            {
                case ErrorCode.None:
                    break;
                case ErrorCode.RebalanceInProgress or ErrorCode.CoordinatorNotAvailable:
                    client.MustJoin = true;
                    break;
                default:
                    Assert.True(error is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.FencedInstanceId);
                    client.Forget();
                    break;
            }
        }

        private async Task CommitAsync(Client client)
        {
            var offset = _committed + 1;
            var error = await _groups.CommitAsync(offset, client.Generation, client.MemberId, client.InstanceId);
            if (error == ErrorCode.None)
                _committed = offset;
            else if (error == ErrorCode.GroupIdNotFound)
                client.Forget();
            else
                Follow(client, error);
        }

        private async Task RestartAsync()
        {
            _groups = await _groups.RestartAsync();
            // A generation that was not assigned yet is not in the log: its number is given again.
            _era++;
            _leaders.Clear();
        }

        // The answer to a commit comes after everything that was written before it.
        private async Task BarrierAsync() => Assert.Equal(ErrorCode.None, await _groups.CommitAsync(0, group: "barrier"));

        private Task<T> Track<T>(Task<T> request)
        {
            _requests.Add(request);
            return request;
        }
    }
}
