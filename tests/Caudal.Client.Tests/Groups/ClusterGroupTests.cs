using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Caudal.Client.Tests.Consuming;

namespace Caudal.Client.Tests.Groups;

/// <summary>Groups on a whole broker: the embedded one, or Apache Kafka.</summary>
public sealed class ClusterGroupTests
{
    public static TheoryData<string> Strategies => ["range", "roundrobin", "sticky", "cooperative-sticky"];

    [Theory]
    [MemberData(nameof(Strategies))]
    public async Task Members_share_the_partitions_and_take_over_from_each_other(string strategy)
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(4);
        var group = TestCluster.Name("g");
        var seen = new ConcurrentBag<string>();
        await using var first = new RunningMember(cluster, Options(group, strategy), topic, seen);
        await ConsumerFixture.UntilAsync(() => first.Consumer.Assignment.Count == 4);
        await using var second = new RunningMember(cluster, Options(group, strategy), topic, seen);
        await ConsumerFixture.UntilAsync(() => first.Consumer.Assignment.Count == 2 && second.Consumer.Assignment.Count == 2);
        Assert.Empty(first.Consumer.Assignment.Intersect(second.Consumer.Assignment));

        for (var partition = 0; partition < 4; partition++)
            await cluster.ProduceAsync(topic, partition, [.. Enumerable.Range(0, 25).Select(i => $"{partition}.{i}")]);
        await ConsumerFixture.UntilAsync(() => seen.Count >= 100);
        await second.CloseAsync();
        await ConsumerFixture.UntilAsync(() => first.Consumer.Assignment.Count == 4);
        for (var partition = 0; partition < 4; partition++)
            await cluster.ProduceAsync(topic, partition, [.. Enumerable.Range(25, 25).Select(i => $"{partition}.{i}")]);
        await ConsumerFixture.UntilAsync(() => seen.Distinct().Count() == 200);

        // Both were closed or revoked in order: only the record that a member had in its hands may have come twice.
        Assert.InRange(seen.Count, 200, 204);
    }

    [Fact]
    public async Task A_static_member_finds_its_partitions_as_they_were()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(4);
        var group = TestCluster.Name("g");
        var seen = new ConcurrentBag<string>();
        var listener = new RecordingListener();
        await using var stays = new RunningMember(
            cluster, Options(group, "range") with { GroupInstanceId = "a", RebalanceListeners = [listener] }, topic, seen);
        await ConsumerFixture.UntilAsync(() => stays.Consumer.Assignment.Count == 4);
        await using var leaves = new RunningMember(cluster, Options(group, "range") with { GroupInstanceId = "b" }, topic, seen);
        await ConsumerFixture.UntilAsync(() => stays.Consumer.Assignment.Count == 2 && leaves.Consumer.Assignment.Count == 2);
        await ConsumerFixture.UntilAsync(() => listener.Events.Last() == $"assigned {string.Join(',', stays.Consumer.Assignment)}");
        var before = leaves.Consumer.Assignment;
        var events = listener.Events.Count;

        await leaves.CloseAsync();
        await using var returns = new RunningMember(cluster, Options(group, "range") with { GroupInstanceId = "b" }, topic, seen);
        await ConsumerFixture.UntilAsync(() => returns.Consumer.Assignment.Count > 0);

        Assert.Equal(before, returns.Consumer.Assignment);
        Assert.Equal(events, listener.Events.Count);
    }

    [Fact]
    public async Task A_pattern_brings_the_topics_that_match_and_those_that_come_later()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        await cluster.ProduceAsync(topic, 0, "a");
        await using var client = new KafkaClient(cluster.Client.Options with { MetadataMaxAge = TimeSpan.FromSeconds(1) });
        await using var consumer = client.CreateConsumer(Options(TestCluster.Name("g"), "cooperative-sticky"));
        consumer.Subscribe(new Regex($"^{topic}(-more)?$"));
        Assert.Equal(["a"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.Equal([topic], consumer.Subscription);

        await cluster.CreateTopicAsync(1, $"{topic}-more");
        await cluster.ProduceAsync($"{topic}-more", 0, "b");

        Assert.Equal(["b"], await ConsumerFixture.TakeAsync(consumer, 1));
        Assert.Equal([topic, $"{topic}-more"], consumer.Subscription);
    }

    [Fact]
    public async Task A_static_member_that_leaves_for_good_hands_over_at_once()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(2);
        var group = TestCluster.Name("g");
        var seen = new ConcurrentBag<string>();
        var options = Options(group, "range") with { SessionTimeout = TimeSpan.FromSeconds(30) };
        await using var stays = new RunningMember(cluster, options with { GroupInstanceId = "a" }, topic, seen);
        await using var leaves = new RunningMember(cluster, options with { GroupInstanceId = "b" }, topic, seen);
        await ConsumerFixture.UntilAsync(() => stays.Consumer.Assignment.Count == 1 && leaves.Consumer.Assignment.Count == 1);

        await leaves.CloseAsync(GroupLeave.Leave);

        await ConsumerFixture.UntilAsync(() => stays.Consumer.Assignment.Count == 2);
    }

    [Fact]
    public async Task Offsets_are_committed_with_what_belongs_to_them()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        var partition = new TopicPartition(topic, 0);
        await using var consumer = cluster.Client.CreateConsumer(Options(TestCluster.Name("g"), "range"));
        var committed = new OffsetAndMetadata(3, "by hand", 0);

        var result = await consumer.CommitAsync(
            new Dictionary<TopicPartition, OffsetAndMetadata> { [partition] = committed }, TestCluster.Token);

        Assert.True(result.IsComplete);
        Assert.Equal(committed, (await consumer.CommittedWithMetadataAsync([partition], TestCluster.Token))[partition]);
    }

    [Theory]
    [InlineData("sticky")]
    [InlineData("cooperative-sticky")]
    public async Task Nothing_is_lost_while_members_come_and_go(string strategy)
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(3);
        var group = TestCluster.Name("g");
        var seen = new ConcurrentBag<string>();
        var random = new Random(7);
        var members = new List<RunningMember> { new(cluster, Options(group, strategy), topic, seen) };
        for (var round = 0; round < 12; round++)
        {
            for (var partition = 0; partition < 3; partition++)
                await cluster.ProduceAsync(topic, partition, [.. Enumerable.Range(0, 20).Select(i => $"{partition}.{round}.{i}")]);
            if (members.Count < 2 || (members.Count < 4 && random.Next(2) == 0))
            {
                members.Add(new RunningMember(cluster, Options(group, strategy), topic, seen));
            }
            else
            {
                var leaving = members[random.Next(members.Count)];
                members.Remove(leaving);
                await leaving.CloseAsync();
            }
        }

        await ConsumerFixture.UntilAsync(() => seen.Count >= 12 * 3 * 20 && seen.Distinct().Count() == 12 * 3 * 20);
        foreach (var member in members)
            await member.DisposeAsync();
    }

    private static ConsumerOptions<string?, string?> Options(string group, string strategy) => new(Serdes.Utf8, Serdes.Utf8)
    {
        GroupId = group,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        Assignors = [GroupAssignors.Find(strategy)!],
        HeartbeatInterval = TimeSpan.FromMilliseconds(50),
        SessionTimeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>A member that consumes in the background and checks that each partition comes in order.</summary>
    private sealed class RunningMember : IAsyncDisposable
    {
        private readonly KafkaClient _client;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public RunningMember(TestCluster cluster, ConsumerOptions<string?, string?> options, string topic, ConcurrentBag<string> seen)
        {
            _client = cluster.NewClient();
            Consumer = _client.CreateConsumer(options);
            Consumer.Subscribe(topic);
            _running = Task.Run(() => RunAsync(seen));
        }

        public Consumer<string?, string?> Consumer { get; }

        public async Task CloseAsync(GroupLeave leave = GroupLeave.Default)
        {
            await _stop.CancelAsync();
            await _running;
            await Consumer.CloseAsync(leave, TestCluster.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await CloseAsync();
            await _client.DisposeAsync();
            _stop.Dispose();
        }

        private async Task RunAsync(ConcurrentBag<string> seen)
        {
            try
            {
                await foreach (var record in Consumer.ConsumeAsync(_stop.Token))
                    seen.Add(record.Value!);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Closed.
            }
        }
    }
}
