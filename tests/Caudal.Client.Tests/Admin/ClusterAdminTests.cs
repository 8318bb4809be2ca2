using Caudal.Client.Tests.Consuming;
using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;

namespace Caudal.Client.Tests.Admin;

/// <summary>Administering a whole cluster: the embedded broker, or the one that <c>CAUDAL_TEST_BOOTSTRAP</c> names.</summary>
public sealed class ClusterAdminTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Topics_are_created_described_grown_and_deleted()
    {
        await using var cluster = await TestCluster.StartAsync();
        var admin = cluster.Client.Admin;
        var (good, bad) = (TestCluster.Name("good"), "not a name!");

        var created = await admin.CreateTopicsAsync(
            [new NewTopic(good) { Partitions = 3, ReplicationFactor = 1 }, new NewTopic(bad) { Partitions = 1 }], cancellationToken: Token);
        Assert.Equal((3, 1), (created[good].GetOrThrow().Partitions, created[good].GetOrThrow().ReplicationFactor));
        Assert.Equal(ErrorCode.InvalidTopicException, Assert.IsType<BrokerErrorException>(created[bad].Error).Code);
        var again = await admin.CreateTopicsAsync([new NewTopic(good) { Partitions = 3 }], cancellationToken: Token);
        Assert.Equal(ErrorCode.TopicAlreadyExists, Assert.IsType<BrokerErrorException>(again[good].Error).Code);
        Assert.Throws<BrokerErrorException>(() => again.ThrowIfAnyFailed());

        (await admin.CreatePartitionsAsync(new Dictionary<string, int> { [good] = 5 }, Token)).ThrowIfAnyFailed();
        await UntilAsync(async () => (await admin.DescribeTopicsAsync([good], Token))[good].Value?.Partitions.Count == 5);
        var described = await admin.DescribeTopicsAsync([good, "missing-topic"], Token);
        Assert.Equal([0, 1, 2, 3, 4], described[good].GetOrThrow().Partitions.Select(partition => partition.Partition));
        Assert.All(described[good].GetOrThrow().Partitions, partition => Assert.Equal([partition.LeaderId], partition.Replicas));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Assert.IsType<BrokerErrorException>(described["missing-topic"].Error).Code);
        await UntilAsync(
            async () => (await admin.ListTopicsAsync(cancellationToken: Token)).Any(topic => topic.Name == good && topic.Partitions == 5));

        var deleted = await admin.DeleteTopicsAsync([good, "missing-topic"], Token);
        Assert.Null(deleted[good]);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Assert.IsType<BrokerErrorException>(deleted["missing-topic"]).Code);
        await UntilAsync(async () => (await admin.ListTopicsAsync(cancellationToken: Token)).All(topic => topic.Name != good));
    }

    // A cluster of several brokers, or with a controller apart, learns of changes a moment after they were acknowledged.
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        while (!await condition())
            late.Token.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task Validating_creates_nothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var name = TestCluster.Name("t");
        (
            await cluster.Client.Admin.CreateTopicsAsync(
                [new NewTopic(name) { Partitions = 2 }], validateOnly: true, Token)).ThrowIfAnyFailed();
        Assert.DoesNotContain(await cluster.Client.Admin.ListTopicsAsync(cancellationToken: Token), topic => topic.Name == name);
    }

    [Fact]
    public async Task Settings_are_changed_one_by_one()
    {
        await using var cluster = await TestCluster.StartAsync();
        var admin = cluster.Client.Admin;
        var topic = ConfigResource.Topic(await cluster.CreateTopicAsync(1));

        (
            await admin.AlterConfigsAsync(
                Change(ConfigChange.Set("retention.ms", "60000"), ConfigChange.Set("segment.bytes", "1048576")),
                cancellationToken: Token)).ThrowIfAnyFailed();
        (await admin.AlterConfigsAsync(Change(ConfigChange.Reset("segment.bytes")), cancellationToken: Token)).ThrowIfAnyFailed();
        IReadOnlyList<ConfigEntry> entries = [];
        await UntilAsync(async () =>
        {
            entries = (await admin.DescribeConfigsAsync([topic], Token))[topic].GetOrThrow();
            return entries.Single(entry => entry.Name == "retention.ms").Value == "60000"
                && entries.Single(entry => entry.Name == "segment.bytes").Source != ConfigSource.Topic;
        });

        var retention = entries.Single(entry => entry.Name == "retention.ms");
        Assert.Equal(("60000", ConfigSource.Topic, false), (retention.Value, retention.Source, retention.IsDefault));
        var refused = await admin.AlterConfigsAsync(Change(ConfigChange.Set("retention.ms", "soon")), cancellationToken: Token);
        Assert.Equal(ErrorCode.InvalidConfig, Assert.IsType<BrokerErrorException>(refused[topic]).Code);

        Dictionary<ConfigResource, IReadOnlyList<ConfigChange>> Change(params ConfigChange[] changes) => new() { [topic] = changes };
    }

    [Fact]
    public async Task Offsets_are_found_by_place_and_time()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(2);
        await using var producer = cluster.Client.CreateProducer(TestTexts.Options());
        var start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);
        for (var i = 0; i < 10; i++)
            await producer.ProduceAsync(new(topic, null, "v") { Partition = 0, Timestamp = start.AddSeconds(i) }, Token);
        var (first, second, third) = (new TopicPartition(topic, 0), new TopicPartition(topic, 1), new TopicPartition(topic, 9));
        var admin = cluster.Client.Admin;

        var latest = await admin.ListOffsetsAsync(
            new Dictionary<TopicPartition, OffsetSpec>
            {
                [first] = OffsetSpec.Latest,
                [second] = OffsetSpec.Latest,
                [third] = OffsetSpec.Latest,
            },
            Token);
        Assert.Equal(10, latest[first].GetOrThrow().Offset);
        Assert.Equal(0, latest[second].GetOrThrow().Offset);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, Assert.IsType<BrokerErrorException>(latest[third].Error).Code);
        var at = await admin.ListOffsetsAsync(
            new Dictionary<TopicPartition, OffsetSpec> { [first] = OffsetSpec.At(start.AddSeconds(3.5)), [second] = OffsetSpec.Earliest },
            Token);
        Assert.Equal((4, start.AddSeconds(4)), (at[first].GetOrThrow().Offset, at[first].GetOrThrow().Timestamp!.Value));
        Assert.Equal(0, at[second].GetOrThrow().Offset);
        var after = await admin.ListOffsetsAsync(
            new Dictionary<TopicPartition, OffsetSpec> { [first] = OffsetSpec.At(start.AddDays(1)) }, Token);
        Assert.Equal(-1, after[first].GetOrThrow().Offset);
    }

    [Fact]
    public async Task Groups_are_listed_described_moved_and_deleted()
    {
        await using var cluster = await TestCluster.StartAsync();
        var admin = cluster.Client.Admin;
        var topic = await cluster.CreateTopicAsync(2);
        var group = TestCluster.Name("g");
        var partition = new TopicPartition(topic, 1);

        (
            await admin.AlterGroupOffsetsAsync(
                group, new Dictionary<TopicPartition, GroupOffset> { [partition] = new(7, Metadata: "here") }, Token)).ThrowIfAnyFailed();
        Assert.Equal(new GroupOffset(7, -1, "here"), (await admin.ListGroupOffsetsAsync(group, Token))[partition]);
        Assert.Contains(await admin.ListGroupsAsync(Token), listed => listed.GroupId == group);
        var described = (await admin.DescribeGroupsAsync([group], Token))[group].GetOrThrow();
        Assert.Equal("Empty", described.State);
        Assert.Empty(described.Members);

        (await admin.DeleteGroupsAsync([group], Token)).ThrowIfAnyFailed();
        Assert.Empty(await admin.ListGroupOffsetsAsync(group, Token));
        var again = (await admin.DeleteGroupsAsync([group], Token))[group];
        Assert.Equal(ErrorCode.GroupIdNotFound, Assert.IsType<BrokerErrorException>(again).Code);
    }

    [Fact]
    public async Task Members_of_a_group_are_described_with_their_partitions()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(2);
        var group = TestCluster.Name("g");
        await cluster.ProduceAsync(topic, 0, "a");
        await using var consumer = cluster.Client.CreateConsumer(
            new ConsumerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8)
            {
                GroupId = group,
                AutoOffsetReset = AutoOffsetReset.Earliest,
            });
        consumer.Subscribe(topic);
        await foreach (var record in consumer.ConsumeAsync(Token))
        {
            var described = (await cluster.Client.Admin.DescribeGroupsAsync([group], Token))[group].GetOrThrow();
            Assert.Equal(("Stable", "consumer", "range"), (described.State, described.ProtocolType, described.Assignor));
            Assert.Equal(
                [new(topic, 0), new(topic, 1)], Assert.Single(described.Members).Assignment.OrderBy(assigned => assigned.Partition));
            break;
        }

        var refused = (await cluster.Client.Admin.DeleteGroupsAsync([group], Token))[group];
        Assert.Equal(ErrorCode.NonEmptyGroup, Assert.IsType<BrokerErrorException>(refused).Code);
    }

    [Fact]
    public async Task The_cluster_is_described()
    {
        await using var cluster = await TestCluster.StartAsync();
        var described = await cluster.Client.Admin.DescribeClusterAsync(Token);
        Assert.NotEmpty(described.ClusterId);
        Assert.Contains(described.Brokers, broker => broker.Id == described.ControllerId);
    }
}
