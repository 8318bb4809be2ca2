using Caudal.Client.Groups;
using Caudal.Client.Tests.Consuming;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Groups;

/// <summary>Incremental rebalancing (KIP-429).</summary>
public sealed class CooperativeTests
{
    private static readonly TopicPartition First = new("t", 0);
    private static readonly TopicPartition Second = new("t", 1);

    private static ConsumerOptions<string?, string?> Options =>
        ConsumerFixture.Options with { Assignors = [GroupAssignors.CooperativeSticky] };

    [Fact]
    public void Nothing_is_given_to_one_member_while_another_has_it()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var members = new SortedDictionary<string, TopicPartition[]>(StringComparer.Ordinal);
            var counts = new Dictionary<string, int> { ["a"] = random.Next(1, 9), ["b"] = random.Next(1, 9) };
            for (var change = 0; change < 6; change++)
            {
                if (members.Count > 1 && random.Next(3) == 0)
                    members.Remove(members.Keys.ElementAt(random.Next(members.Count)));
                else
                    members[$"m{seed}.{change}"] = [];
                for (var round = 0; Rebalance(members, counts, change * 10 + round); round++)
                    Assert.InRange(round, 0, 2);
                Assert.Equal(counts.Values.Sum(), members.Values.SelectMany(p => p).Distinct().Count());
                Assert.InRange(members.Values.Max(p => p.Length) - members.Values.Min(p => p.Length), 0, 1);
            }
        }
    }

    [Fact]
    public void A_member_that_joins_takes_only_its_share()
    {
        var members = new SortedDictionary<string, TopicPartition[]>(StringComparer.Ordinal) { ["m1"] = [], ["m2"] = [] };
        var counts = new Dictionary<string, int> { ["a"] = 9 };
        while (Rebalance(members, counts, 0))
        {
        }

        var before = members.ToDictionary(m => m.Key, m => m.Value);
        members["m3"] = [];
        while (Rebalance(members, counts, 1))
        {
        }

        Assert.Equal([3, 3, 3], members.Values.Select(p => p.Length));
        Assert.All(before, m => Assert.Subset(m.Value.ToHashSet(), members[m.Key].ToHashSet()));
    }

    [Fact]
    public void The_generation_of_old_members_is_read_from_their_user_data()
    {
        var assignment = GroupAssignors.CooperativeSticky.Assign(new GroupState(
            [
                Member("new", [First], 5, null),
                Member("old", [First, Second], -1, [0, 0, 0, 4]),
            ],
            new Dictionary<string, int> { ["t"] = 2 }));

        // Both say that they own the first: it is the later generation's, and waits until the other has let go of it.
        Assert.Empty(assignment["new"]);
        Assert.Equal([Second], assignment["old"]);
    }

    [Fact]
    public async Task What_stays_is_read_on_while_the_group_is_rebalanced()
    {
        await using var fixture = New();
        var listener = new RecordingListener();
        var consumer = fixture.Member(Options with { RebalanceListeners = [listener] });
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        var fetched = fixture.Cluster.Count(ApiKey.OffsetFetch);
        var syncing = new TaskCompletionSource();
        var sync = new TaskCompletionSource();
        Hold<SyncGroupRequest, SyncGroupResponse>(fixture, syncing, sync, () => new SyncGroupResponse
        {
            Assignment = ConsumerProtocol.WriteAssignment([First, Second]),
        });
        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.RebalanceInProgress);
        await syncing.Task.WaitAsync(ConsumerFixture.Token);

        // The group is in the middle of it: records come all the same.
        Assert.Equal(["b", "c"], await ConsumerFixture.TakeAsync(consumer, 2));
        sync.SetResult();
        fixture.Cluster.Log.Append("t", 0, "d");
        Assert.Equal(["d"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.Equal(["assigned t-0,t-1"], listener.Events);
        Assert.Equal(fetched, fixture.Cluster.Count(ApiKey.OffsetFetch));
    }

    [Fact]
    public async Task What_goes_is_given_up_first_and_the_group_is_joined_once_more()
    {
        await using var fixture = New();
        var listener = new RecordingListener();
        var revoked = new AsyncCounter();
        listener.Revoked = _ =>
        {
            revoked.Increment();
            return Task.CompletedTask;
        };
        var consumer = fixture.Member(Options with { RebalanceListeners = [listener] });
        await using var records = consumer.ConsumeAsync(ConsumerFixture.Token).GetAsyncEnumerator(ConsumerFixture.Token);
        Assert.True(await records.MoveNextAsync());
        Assert.Equal("a", records.Current.Value);
        fixture.Cluster.Group.Assignment = ConsumerProtocol.WriteAssignment([First]);
        var joins = fixture.Cluster.Group.Joins.Count;
        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.RebalanceInProgress);
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.Joins.Count > joins);

        // The lease in hand is cut short for the listener and goes on behind the record, unless the user was quicker than the group; what
        // goes is given up at the latest when nothing is left to deliver.
        foreach (var value in new[] { "b", "c" })
        {
            Assert.True(await records.MoveNextAsync());
            Assert.Equal(value, records.Current.Value);
        }

        var next = records.MoveNextAsync().AsTask();
        await revoked.ReachAsync(1, ConsumerFixture.Token);
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.Joins.Count > joins + 1);

        Assert.Equal(["assigned t-0,t-1", "revoked t-1"], listener.Events);
        Assert.Equal([First], consumer.Assignment);
        var last = ConsumerProtocol.ReadSubscription(new JoinGroupResponse.JoinGroupResponseMember
        {
            MemberId = "m",
            Metadata = fixture.Cluster.Group.Joins.Last().Protocols[0].Metadata,
        });
        Assert.Equal([First], last.OwnedPartitions);
        Assert.Equal(2, last.OwnedGeneration);
        fixture.Cluster.Log.Append("t", 0, "d");
        Assert.True(await next);
        Assert.Equal("d", records.Current.Value);
    }

    [Fact]
    public async Task What_is_added_is_read_along()
    {
        await using var fixture = New();
        fixture.Cluster.Log.Append("t", 1, "x");
        fixture.Cluster.Group.Assignment = ConsumerProtocol.WriteAssignment([First]);
        var listener = new RecordingListener();
        Consumer<string?, string?>? consumer = null;
        listener.Assigned = partitions =>
        {
            if (partitions.Contains(Second))
                consumer!.Seek(new TopicPartitionOffset(Second, 1));
            return Task.CompletedTask;
        };
        consumer = fixture.Member(Options with { RebalanceListeners = [listener] });
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        fixture.Cluster.Group.Assignment = ConsumerProtocol.WriteAssignment([First, Second]);
        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.RebalanceInProgress);
        fixture.Cluster.Log.Append("t", 1, "y");

        Assert.Equal(["b", "c", "y"], [.. (await ConsumerFixture.TakeAsync(consumer, 3)).Order(StringComparer.Ordinal)]);
        Assert.Equal(["assigned t-0", "assigned t-1"], listener.Events);
    }

    [Fact]
    public async Task A_member_that_was_put_out_loses_everything()
    {
        await using var fixture = New();
        var listener = new RecordingListener();
        var consumer = fixture.Member(Options with { RebalanceListeners = [listener] });
        await ConsumerFixture.TakeAsync(consumer, 1);
        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.RebalanceInProgress);
        fixture.Cluster.Once<JoinGroupRequest, JoinGroupResponse>(
            (_, _, _) => new JoinGroupResponse { ErrorCode = (short)ErrorCode.UnknownMemberId, ProtocolName = "" });

        // Not committed: it comes again, however far the user gets before the loss.
        while (await ConsumerFixture.TakeAsync(consumer, 1) is not ["a"])
        {
        }

        Assert.Equal(["assigned t-0,t-1", "lost t-0,t-1", "assigned t-0,t-1"], listener.Events);
    }

    private static void Hold<TRequest, TResponse>(
        ConsumerFixture fixture, TaskCompletionSource arrived, TaskCompletionSource release, Func<TResponse> answer)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : class, IKafkaMessage<TResponse> =>
        fixture.Cluster.OnAsync<TRequest, TResponse>(async (_, _, _) =>
        {
            arrived.TrySetResult();
            await release.Task.WaitAsync(fixture.Cluster.Stopped);
            return answer();
        });

    // One rebalance; true if members gave something up, which makes for another.
    private static bool Rebalance(SortedDictionary<string, TopicPartition[]> members, Dictionary<string, int> counts, int generation)
    {
        var assignment = GroupAssignors.CooperativeSticky.Assign(new GroupState(
            [.. members.Select(m => Member(m.Key, m.Value, generation, null, [.. counts.Keys]))], counts));
        var again = false;
        foreach (var member in members.Keys.ToArray())
        {
            var others = members.Where(m => m.Key != member).SelectMany(m => m.Value);
            Assert.Empty(assignment[member].Intersect(others));
        }

        foreach (var member in members.Keys.ToArray())
        {
            again |= members[member].Except(assignment[member]).Any();
            members[member] = [.. assignment[member]];
        }

        return again;
    }

    private static GroupMember Member(
        string id, TopicPartition[] owned, int generation, byte[]? userData, string[]? topics = null) => new()
        {
            MemberId = id,
            Topics = topics ?? ["t"],
            OwnedPartitions = owned,
            OwnedGeneration = generation,
            UserData = userData,
        };

    private static ConsumerFixture New()
    {
        var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Create("t", 2);
        fixture.Cluster.Log.Append("t", 0, "a", "b", "c");
        return fixture;
    }
}
